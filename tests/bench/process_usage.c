/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process-usage OUT PROGRAM ARGUMENT...: runs a program with its output in the file OUT, and prints
 * its largest resident memory in KiB and its processor time in microseconds. A process starts with
 * the memory of its parent, so that the parent has to be a small one: this.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long microseconds(struct timeval time)
{
    return (long)time.tv_sec * 1000000 + (long)time.tv_usec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: process-usage OUT PROGRAM ARGUMENT...\n");
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (out >= 0 && dup2(out, STDOUT_FILENO) >= 0)
            execv(argv[2], argv + 2);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 1;
    printf("%ld %ld\n", usage.ru_maxrss,
           microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
