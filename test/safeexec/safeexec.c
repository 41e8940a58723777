/*
 * What the tests run programs through: the options, limits, report lines and exit codes of the safeexec that judges use, and like it
 * setuid root. A process of its own watches the program, which runs as the user 10000 + the watcher's process id, in the
 * group 1000, in its jail, without network. Like the real one it closes no descriptor and forbids no new privileges: whoever
 * starts it must see to that.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds between two looks at the program's memory. */
#define INTERVAL 15

/* Sizes are in kB, times in seconds. */
static unsigned cpu = 10, clock_limit = 60, mem = 32768, nproc = 0, nfile = 512, fsize = 0, core = 0, stack = 8192;
static unsigned gid = 1000, uidplus = 10000, niceness = 16;
static int share_newnet, silent;
static char *chroot_dir, *exec_dir, *env_vars, *report_file;

static const struct { const char *name; unsigned *value; } numbers[] = {
	{"--cpu", &cpu}, {"--clock", &clock_limit}, {"--mem", &mem}, {"--nproc", &nproc}, {"--nfile", &nfile}, {"--fsize", &fsize},
	{"--core", &core}, {"--stack", &stack}, {"--gid", &gid}, {"--uidplus", &uidplus}, {"--niceness", &niceness},
};
static const struct { const char *name; char **value; } texts[] = {
	{"--chroot_dir", &chroot_dir}, {"--exec_dir", &exec_dir}, {"--env_vars", &env_vars}, {"--report_file", &report_file},
};
static const struct { const char *name; int *value; } switches[] = {
	{"--share_newnet", &share_newnet}, {"--silent", &silent},
};

#define EACH(table, i) for (i = 0; i < sizeof table / sizeof *table; i++)

static pid_t program;
static volatile sig_atomic_t out_of_time;

static void give_up(const char *what)
{
	fprintf(stderr, "error %d (%s): %s\n", errno, strerror(errno), what);
	exit(EXIT_FAILURE);
}

static void usage(void)
{
	size_t i;
	fprintf(stderr, "usage: safeexec OPTION... --exec COMMAND ARGUMENT...\n");
	EACH(numbers, i) fprintf(stderr, "  %-14s <number>  Default: %u\n", numbers[i].name, *numbers[i].value);
	EACH(texts, i) fprintf(stderr, "  %-14s <text>\n", texts[i].name);
	EACH(switches, i) fprintf(stderr, "  %s\n", switches[i].name);
	exit(EXIT_FAILURE);
}

/* Reads the options; returns where the command begins. */
static char **parse(char **word)
{
	size_t i;
	for (; *word; word++) {
		int known = 0;
		if (strcmp(*word, "--exec") == 0) {
			if (!word[1]) usage();
			return word + 1;
		}
		EACH(switches, i) if (strcmp(*word, switches[i].name) == 0) known = *switches[i].value = 1;
		if (known) continue;
		if (!word[1]) usage();
		EACH(texts, i) if (strcmp(*word, texts[i].name) == 0) {
			*texts[i].value = word[1];
			known = 1;
		}
		EACH(numbers, i) if (strcmp(*word, numbers[i].name) == 0) {
			char *end;
			unsigned long value = strtoul(word[1], &end, 10);
			if (*word[1] < '0' || *word[1] > '9' || *end || value > 41943040) {
				fprintf(stderr, "error: Failed to match the numeric argument for %s\n", *word);
				usage();
			}
			*numbers[i].value = (unsigned)value;
			known = 1;
		}
		if (!known) {
			fprintf(stderr, "error: Invalid option: %s\n", *word);
			usage();
		}
		word++;
	}
	usage();
	return NULL;
}

static void limit(int resource, rlim_t most)
{
	struct rlimit both = {most, most};
	if (setrlimit(resource, &both) < 0) give_up("setrlimit");
}

/* Nobody of the caller's rights is left afterwards. */
static void become(uid_t user)
{
	if (gid == 0 || user == 0) give_up("root is no user to run as");
	if (setgid(gid) < 0 || getgid() != gid || getegid() != gid) give_up("setgid failed");
	if (setgroups(0, NULL) < 0 || getgroups(0, NULL) != 0) give_up("setgroups failed");
	if (setuid(user) < 0 || getuid() != user || geteuid() != user) give_up("setuid failed");
}

static char **environment(char **inherited)
{
	static char *python[] = {"PYTHONIOENCODING=utf-8", "PYTHONHOME=/", "PYTHONPATH=/static", NULL};
	static char *given[100];
	size_t count = 0;
	char *line;
	if (!env_vars) return inherited;
	if (strcmp(env_vars, "PY") == 0) return python;
	for (line = strtok(env_vars, "\n"); line && count < 99; line = strtok(NULL, "\n")) given[count++] = line;
	return given;
}

static void run(char **command, char **variables, uid_t user)
{
	int apart = CLONE_FILES | CLONE_FS | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_SYSVSEM;
	limit(RLIMIT_AS, (rlim_t)mem * 1024);
	limit(RLIMIT_DATA, (rlim_t)mem * 1024);
	limit(RLIMIT_CORE, (rlim_t)core * 1024);
	limit(RLIMIT_STACK, (rlim_t)stack * 1024);
	limit(RLIMIT_FSIZE, (rlim_t)fsize * 1024);
	limit(RLIMIT_CPU, cpu);
	limit(RLIMIT_NOFILE, nfile);
	limit(RLIMIT_NPROC, nproc + 1); /* itself */
	if (chroot_dir && (chdir(chroot_dir) < 0 || chroot(".") < 0)) give_up("cannot chroot");
	if (exec_dir && chdir(exec_dir) < 0) give_up("cannot go to exec_dir");
	if (setpriority(PRIO_PROCESS, 0, (int)niceness) < 0) give_up("setpriority failed");
	if (unshare(apart | (share_newnet ? 0 : CLONE_NEWNET)) < 0) give_up("unshare failed");
	if (setsid() < 0) give_up("setsid failed");
	become(user);
	execve(*command, command, variables);
	give_up("execve failed");
}

static void on_alarm(int signal)
{
	(void)signal;
	out_of_time = 1;
	kill(program, SIGKILL);
}

/* Data and stack in kB, as the kernel tells it; 0 of a process that has ended. */
static unsigned memory_of(pid_t pid)
{
	char name[64], line[256];
	unsigned data = 0, frames = 0;
	FILE *status;
	snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
	status = fopen(name, "r");
	if (!status) return 0;
	while (fgets(line, sizeof line, status)) {
		sscanf(line, "VmData: %u", &data);
		sscanf(line, "VmStk: %u", &frames);
	}
	fclose(status);
	return data + frames;
}

int main(int count, char **words, char **inherited)
{
	const struct timespec interval = {0, INTERVAL * 1000000L};
	char **command, **variables;
	struct rusage used;
	time_t start = time(NULL);
	uid_t user = uidplus + (uid_t)getpid();
	FILE *report = stderr;
	unsigned most = 0;
	int status = 0, too_large = 0, well = 0;

	(void)count;
	signal(SIGPIPE, SIG_DFL);
	command = parse(words + 1);
	if (cpu == 0 || clock_limit == 0 || nfile > 1024 || gid > 65535) usage();
	variables = environment(inherited);
	/* As the caller: this program may write where its caller may not. */
	if (report_file) {
		if (seteuid(getuid()) < 0 || !(report = fopen(report_file, "we")) || seteuid(0) < 0) give_up("cannot write the report");
	}

	program = fork();
	if (program < 0) give_up("fork failed");
	if (program == 0) run(command, variables, user);

	signal(SIGALRM, on_alarm);
	alarm(clock_limit);
	for (;;) {
		unsigned now = memory_of(program);
		pid_t ended;
		if (now > most) most = now;
		if (now > mem && !too_large) {
			too_large = 1;
			kill(program, SIGKILL);
		}
		ended = wait4(program, &status, WNOHANG | WUNTRACED, &used);
		if (ended == program) break;
		if (ended < 0 && errno != EINTR) give_up("wait4 failed");
		nanosleep(&interval, NULL);
	}

	if (!silent) {
		if (too_large) fputs("Memory Limit Exceeded\n", report);
		else if (out_of_time || (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU))) fputs("Time Limit Exceeded\n", report);
		else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) fputs("Output Limit Exceeded\n", report);
		else if (WIFSIGNALED(status)) fprintf(report, "Command terminated by signal (%d: %s)\n", WTERMSIG(status), sigabbrev_np(WTERMSIG(status)));
		else if (WIFSTOPPED(status)) fprintf(report, "Command terminated by signal (%d: %s)\n", WSTOPSIG(status), sigabbrev_np(WSTOPSIG(status)));
		else if (WEXITSTATUS(status) != 0) fprintf(report, "Command exited with non-zero status (%d)\n", WEXITSTATUS(status));
		else fputs("OK\n", report);
		fprintf(report, "elapsed time: %ld seconds\n", (long)(time(NULL) - start));
		fprintf(report, "memory usage: %u kbytes\n", most);
		fprintf(report, "cpu usage: %.3f seconds\n", (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6);
	}
	fflush(report);
	well = !too_large && !out_of_time && WIFEXITED(status) && WEXITSTATUS(status) == 0;

	/* What the program has left behind: a user may end all that is its own, and nothing else. */
	become(user);
	kill(-1, SIGKILL);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
