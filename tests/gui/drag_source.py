# SPDX-License-Identifier: GPL-2.0-or-later
"""A window from which a file can be dragged onto other programs, as from a file manager:
drag_source.py TITLE FILE"""

import sys

from PyQt5.QtCore import QMimeData, Qt, QUrl
from PyQt5.QtGui import QDrag
from PyQt5.QtWidgets import QApplication, QLabel


class DragSource(QLabel):
    def __init__(self, path):
        super().__init__(path)
        self._url = QUrl.fromLocalFile(path)

    def mouseMoveEvent(self, event):  # comes while a button is held
        data = QMimeData()
        data.setUrls([self._url])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.CopyAction)


application = QApplication(sys.argv[:1])
source = DragSource(sys.argv[2])
source.setWindowTitle(sys.argv[1])
source.setGeometry(700, 600, 600, 100)
source.show()
sys.exit(application.exec())
