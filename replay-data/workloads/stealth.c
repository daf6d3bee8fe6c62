/* The service whose leak nobody sees. /health always says healthy, /metrics flatters, and a
 * background thread keeps one block every interval, touched and never freed, up to a cap. Beside it,
 * memory that is held for good reasons and stops growing: a bounded cache that evicts, a bounded
 * queue, a connection pool. One line of true totals goes to stderr at SIGTERM.
 *
 * stealth [--interval-ms 8000] [--size 1048576] [--cap 2000] [--port 0] */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CACHE_SLOTS 512
#define QUEUE_SLOTS 64
#define POOL_CONNECTIONS 16

static long interval_ms = 8000, block_bytes = 1 << 20, block_cap = 2000, port;
static volatile long leaked, requests;

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* The leak: "prefetched" blocks go onto a list nobody reads. */
struct prefetched {
	struct prefetched *next;
};

static struct prefetched *prefetch_list;

__attribute__((noinline)) static void prefetch_block(void)
{
	struct prefetched *block = malloc(block_bytes);

	if (!block)
		return;
	memset(block, 0x5a, block_bytes);
	block->next = prefetch_list;
	prefetch_list = block;
	leaked++;
}

static void *prefetch_loop(void *unused)
{
	(void)unused;
	while (leaked < block_cap) {
		sleep_ms(interval_ms);
		prefetch_block();
	}
	for (;;)
		pause();
	return NULL;
}

/* A cache that fills and then evicts one entry for each new one. */
static void *cache[CACHE_SLOTS];
static long cache_next;

__attribute__((noinline)) static void cache_put(void)
{
	long slot = cache_next++ % CACHE_SLOTS;

	free(cache[slot]);
	cache[slot] = malloc(2039);
}

/* A bounded queue: its consumer takes one for each that is put in once it is full. */
static void *queue[QUEUE_SLOTS];
static long queue_in, queue_out;

__attribute__((noinline)) static void queue_pass(void)
{
	queue[queue_in++ % QUEUE_SLOTS] = malloc(509);
	if (queue_in - queue_out == QUEUE_SLOTS)
		free(queue[queue_out++ % QUEUE_SLOTS]);
}

static void *pool[POOL_CONNECTIONS];

__attribute__((noinline)) static void open_pool(void)
{
	for (int i = 0; i < POOL_CONNECTIONS; i++)
		pool[i] = malloc(16381);
}

static void *work_loop(void *unused)
{
	(void)unused;
	for (;;) {
		for (int i = 0; i < 5; i++) {
			cache_put();
			queue_pass();
		}
		sleep_ms(10);
	}
	return NULL;
}

static void answer(int client)
{
	char request[1024] = "", body[256], reply[512];
	ssize_t got = read(client, request, sizeof(request) - 1);
	int length;

	requests++;
	if (got > 0 && !strncmp(request, "GET /metrics", 12))
		snprintf(body, sizeof(body),
			 "requests_total %ld\nmemory_used_ratio 0.31\ncache_entries %d\nleaks 0\n",
			 requests, CACHE_SLOTS);
	else
		snprintf(body, sizeof(body), "{\"status\":\"healthy\"}\n");
	length = snprintf(reply, sizeof(reply),
			  "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
			  strlen(body), body);
	if (write(client, reply, length) != length)
		perror("write");
	close(client);
}

static void tell_the_truth(int signal)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "leaked blocks=%ld bytes=%ld\n", leaked,
			      leaked * block_bytes);

	(void)signal;
	if (write(2, line, length) != length)
		_exit(1);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t address_bytes = sizeof(address);
	pthread_t thread;
	int listener, yes = 1;

	for (int i = 1; i + 1 < argc; i += 2) {
		long value = atol(argv[i + 1]);

		if (!strcmp(argv[i], "--interval-ms"))
			interval_ms = value;
		else if (!strcmp(argv[i], "--size"))
			block_bytes = value;
		else if (!strcmp(argv[i], "--cap"))
			block_cap = value;
		else if (!strcmp(argv[i], "--port"))
			port = value;
	}
	signal(SIGTERM, tell_the_truth);
	signal(SIGPIPE, SIG_IGN);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)&address, &address_bytes)) {
		perror("listen");
		return 1;
	}
	printf("listening on %d, pid %d\n", ntohs(address.sin_port), getpid());
	fflush(stdout);
	open_pool();
	pthread_create(&thread, NULL, prefetch_loop, NULL);
	pthread_create(&thread, NULL, work_loop, NULL);
	for (;;) {
		int client = accept(listener, NULL, NULL);

		if (client >= 0)
			answer(client);
	}
}
