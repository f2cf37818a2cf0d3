/* Runs a command and says what each of its processes took: the command itself, and, apart from it,
 * every process that was handed over to this one, as launcher.c does with the provider. The
 * kernel's own accounts are used (wait4), so that nothing is sampled and nothing is missed, however
 * short a process lives.
 *
 *   measure RESULT COMMAND...          a line per process: "command" or "other", wall and CPU in
 * microseconds, peak memory in KiB, exit status measure --line RESULT COMMAND...   wall is the time
 * to the first line on the command's stdout; then it is killed */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t cpu_us(const struct rusage *usage)
{
    return (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
           usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

static void report(FILE *result, const char *who, int64_t wall, const struct rusage *usage,
                   int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fprintf(result, "%s %jd %jd %ld %d\n", who, (intmax_t)wall, (intmax_t)cpu_us(usage),
            usage->ru_maxrss, code);
}

static pid_t start(char **command, int out)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (out >= 0)
        dup2(out, STDOUT_FILENO);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

static void run(FILE *result, char **command)
{
    int64_t began = now_us();
    pid_t main_pid = start(command, -1);
    struct rusage usage;
    int status;

    for (pid_t pid; (pid = wait4(-1, &status, 0, &usage)) > 0;) {
        bool is_main = pid == main_pid;
        report(result, is_main ? "command" : "other", is_main ? now_us() - began : 0, &usage,
               status);
    }
}

static void run_to_line(FILE *result, char **command)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    int64_t began = now_us();
    pid_t pid = start(command, ends[1]);
    close(ends[1]);
    char byte = 0;
    while (byte != '\n' && read(ends[0], &byte, 1) == 1) {
    }
    int64_t wall = now_us() - began;
    struct rusage usage;
    int status;

    kill(pid, SIGKILL);
    if (wait4(pid, &status, 0, &usage) == pid)
        report(result, "command", wall, &usage, byte == '\n' ? 0 : status);
}

int main(int argc, char **argv)
{
    bool to_line = argc > 1 && strcmp(argv[1], "--line") == 0;
    argv += to_line;
    argc -= to_line;
    if (argc < 3) {
        fputs("usage: measure [--line] RESULT COMMAND...\n", stderr);
        return 2;
    }
    FILE *result = fopen(argv[1], "we");
    if (!result) {
        perror(argv[1]);
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    (to_line ? run_to_line : run)(result, argv + 2);
    return fclose(result) == 0 ? 0 : 2;
}
