/* Stands in a provider's place and runs the real one, "provider" in its own folder, as a child not
 * of Terraform but of measure.c. Otherwise Terraform's account would hold the provider's, since the
 * kernel adds the peak of a process's children to its own. Only for runs that are asked for memory:
 * their time is not taken. */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its parent ends at once, so that the next reaper above, which is measure, gets it. A provider may
 * watch who its parent is, so it starts when that is settled. */
static void hand_over(const char *program, char **arguments)
{
    pid_t parent = getpid();
    if (fork() != 0)
        _exit(0);
    while (getppid() == parent)
        sched_yield();
    execv(program, arguments);
    perror(program);
    _exit(127);
}

int main(int argc, char **argv)
{
    char program[PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - sizeof "provider");
    char *name = length > 0 ? strrchr(program, '/') : NULL;
    int ends[2];
    if (argc < 1 || !name || pipe(ends) != 0)
        return 127;
    snprintf(name + 1, sizeof "provider", "provider");

    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        hand_over(program, argv);
    }
    close(ends[1]);
    waitpid(pid, NULL, 0);
    /* The provider has the pipe's other end: this returns when it is gone. */
    char byte;
    return read(ends[0], &byte, 1) == 0 ? 0 : 1;
}
