// SPDX-License-Identifier: GPL-2.0
/*
 * Run dozens of tasks and compare the work that they have counted with the work that they were given. Prints TAP.
 *
 * usage: stress-tasks [-n] WORK [LOAD...]
 *
 * -n: with the lowest priority. LOAD (default: all of them) is one of
 *	fork	processes that fork and write to memory that is shared until then
 *	wake	pairs that wake each other by futex
 *	lock	threads that increment a counter under one mutex
 *	message	groups in which every sender sends to every receiver by sockets
 * WORK scales the amount of each; there are no time limits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cpus.h"
#include "lib/tap.h"

#define FORKS 20
#define WAKES 500
#define LOCKS 20000
#define MESSAGES 40
#define MESSAGE_BYTES 100
#define SIDE 4
#define DIRTY_BYTES (256 << 10)

static int work, n_cpus;

/* Wait for so many children. Returns how many exited with status 0. */
static int reap(int children)
{
	int status, good = 0;

	while (children--) {
		if (wait(&status) < 0)
			die("wait");
		good += !status;
	}
	return good;
}

static pid_t must_fork(void)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	return child;
}

static void forker(atomic_long *count)
{
	static char dirty[DIRTY_BYTES];

	for (int i = 0; i < work * FORKS; i++) {
		memset(dirty, i + 1, sizeof(dirty));
		if (must_fork() == 0) {
			/* The child's copy has what the parent wrote, and writes to it do not reach the parent. */
			if (dirty[DIRTY_BYTES - 1] != (char)(i + 1))
				_exit(1);
			memset(dirty, 0, sizeof(dirty));
			atomic_fetch_add(count, 1);
			_exit(0);
		}
		if (reap(1) != 1 || dirty[0] != (char)(i + 1))
			_exit(1);
	}
	_exit(0);
}

static void load_fork(void)
{
	atomic_long *count = shared_pages(sizeof(*count));
	int forkers = 2 * n_cpus;

	for (int i = 0; i < forkers; i++) {
		if (must_fork() == 0)
			forker(count);
	}
	equal("fork: processes that forked", forkers, reap(forkers));
	equal("fork: processes that were forked", (long)forkers * work * FORKS, atomic_load(count));
}

struct pair {
	atomic_int turn;
	long taken[2];
};

struct side {
	struct pair *pair;
	int me;
};

static void *take_turns(void *arg)
{
	struct side *side = arg;
	struct pair *pair = side->pair;

	for (int i = 0; i < work * WAKES; i++) {
		while (atomic_load(&pair->turn) != side->me)
			syscall(SYS_futex, &pair->turn, FUTEX_WAIT_PRIVATE, !side->me, NULL, NULL, 0);
		pair->taken[side->me]++;
		atomic_store(&pair->turn, !side->me);
		syscall(SYS_futex, &pair->turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return NULL;
}

static void load_wake(void)
{
	struct pair *pairs = calloc(n_cpus, sizeof(*pairs));
	struct side *sides = calloc(2 * n_cpus, sizeof(*sides));
	pthread_t threads[2 * CPUS_MAX];
	long taken = 0;

	for (int i = 0; i < 2 * n_cpus; i++) {
		sides[i] = (struct side){ &pairs[i / 2], i % 2 };
		errno = pthread_create(&threads[i], NULL, take_turns, &sides[i]);
		if (errno)
			die("pthread_create");
	}
	for (int i = 0; i < 2 * n_cpus; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2 * n_cpus; i++)
		taken += pairs[i / 2].taken[i % 2];
	equal("wake: turns taken", 2l * n_cpus * work * WAKES, taken);
	free(pairs);
	free(sides);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long locked;

static void *lock(void *arg)
{
	(void)arg;
	for (int i = 0; i < work * LOCKS; i++) {
		pthread_mutex_lock(&mutex);
		locked++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void load_lock(void)
{
	pthread_t threads[2 * CPUS_MAX];

	for (int i = 0; i < 2 * n_cpus; i++) {
		errno = pthread_create(&threads[i], NULL, lock, NULL);
		if (errno)
			die("pthread_create");
	}
	for (int i = 0; i < 2 * n_cpus; i++)
		pthread_join(threads[i], NULL);
	equal("lock: increments under the mutex", 2l * n_cpus * work * LOCKS, locked);
}

static void sender(int sockets[SIDE][2])
{
	char message[MESSAGE_BYTES];

	memset(message, 0x5a, sizeof(message));
	for (int i = 0; i < work * MESSAGES; i++) {
		for (int to = 0; to < SIDE; to++) {
			if (write(sockets[to][0], message, sizeof(message)) != sizeof(message))
				_exit(1);
		}
	}
	_exit(0);
}

static void receiver(int sockets[SIDE][2], int me, atomic_long *count)
{
	char message[MESSAGE_BYTES];

	/* Only senders keep the other ends open, so that read() returns 0 when the last sender has exited. */
	for (int i = 0; i < SIDE; i++)
		close(sockets[i][0]);
	for (;;) {
		ssize_t got = read(sockets[me][1], message, sizeof(message));

		if (got == 0)
			_exit(0);
		if (got != sizeof(message) || message[MESSAGE_BYTES - 1] != 0x5a)
			_exit(1);
		atomic_fetch_add(count, 1);
	}
}

static void load_message(void)
{
	atomic_long *count = shared_pages(sizeof(*count));

	for (int group = 0; group < n_cpus; group++) {
		int sockets[SIDE][2];

		for (int i = 0; i < SIDE; i++) {
			if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets[i]))
				die("socketpair");
		}
		for (int i = 0; i < SIDE; i++) {
			if (must_fork() == 0)
				receiver(sockets, i, count);
			if (must_fork() == 0)
				sender(sockets);
		}
		for (int i = 0; i < SIDE; i++) {
			close(sockets[i][0]);
			close(sockets[i][1]);
		}
	}
	equal("message: senders and receivers", 2l * SIDE * n_cpus, reap(2 * SIDE * n_cpus));
	equal("message: messages", (long)SIDE * SIDE * n_cpus * work * MESSAGES, atomic_load(count));
}

static const struct {
	const char *name;
	void (*run)(void);
} loads[] = {
	{ "fork", load_fork }, { "wake", load_wake }, { "lock", load_lock }, { "message", load_message },
};

static int wanted(const char *name, char **names)
{
	if (!*names)
		return 1;
	while (*names) {
		if (!strcmp(*names++, name))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int cpus[CPUS_MAX];

	if (argc > 1 && !strcmp(argv[1], "-n")) {
		if (nice(19) < 0)
			die("nice");
		argv++;
		argc--;
	}
	work = argc > 1 ? atoi(argv[1]) : 0;
	if (work < 1) {
		fprintf(stderr, "usage: stress-tasks [-n] WORK [fork|wake|lock|message ...]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	n_cpus = cpus_online(cpus, CPUS_MAX);
	for (unsigned int i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (wanted(loads[i].name, argv + 2))
			loads[i].run();
	}
	return failures != 0;
}
