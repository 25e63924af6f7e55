// The floor under every client: the least a program does that reads stamped streams from many sockets. One epoll_wait for
// all of them, one recvmsg with the kernel's stamp for each that is ready, one search in what it brought.
//
//     cc -O2 -Wall -Wextra -o reader reader.c -lm
//     reader <port> <streams> <tokens> <ttft-ms> <gap-ms> <spread-ms> <warm-ms> <measure-ms>
//
// Holds <streams> answers of <tokens> tokens open against the known-time emitter on 127.0.0.1, and asks for the next on the
// same connection when one ends. Prints one line of JSON: bytes of one whole answer, and bytes, reads, answers and CPU time
// between the end of the warm-up and the end. Bytes over bytes per answer, times tokens, are events.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_EVENTS = 1024, READ_SIZE = 64 * 1024, PROMPT_WORDS = 50 };

static int epoll_fd, port, tokens;
static double ttft_ms, gap_ms;
static char prompt[PROMPT_WORDS * 5 + 1], buffer[READ_SIZE];
static int64_t bytes, reads, answers, stamps_ns;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t micros(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

static void ask(int fd, int count) {
  char body[1024], out[2048];
  int size = snprintf(body, sizeof body,
                      "{\"model\":\"emitter\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"max_tokens\":%d,"
                      "\"stream\":true,\"emit\":{\"ttftMs\":%.6f,\"gapMs\":%.6f}}", prompt, count, ttft_ms, gap_ms);
  int length = snprintf(out, sizeof out,
                        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nconnection: keep-alive\r\n"
                        "content-type: application/json\r\ncontent-length: %d\r\n\r\n%s", port, size, body);
  if (send(fd, out, length, MSG_NOSIGNAL) != length) fail("send");
}

static int open_stream(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0) fail("connect");
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd});
  return fd;
}

// One read with its stamp, one search for the end of the answer.
static int read_once(int fd) {
  char control[64];
  struct iovec into = {buffer, READ_SIZE};
  struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
  if (size <= 0) {
    fprintf(stderr, "the server closed a stream\n");
    exit(1);
  }
  struct cmsghdr *stamp = CMSG_FIRSTHDR(&message);
  if (stamp && stamp->cmsg_type == SO_TIMESTAMPNS) {
    struct timespec at;
    memcpy(&at, CMSG_DATA(stamp), sizeof at);
    stamps_ns += at.tv_nsec;
  }
  bytes += size;
  reads++;
  return memmem(buffer, size, "\r\n0\r\n\r\n", 7) != NULL;
}

// Reads until `until_ns`, or until the first answer has ended where there is no such time.
static void run(int64_t until_ns) {
  struct epoll_event ready[MAX_EVENTS];
  for (;;) {
    int count = epoll_wait(epoll_fd, ready, MAX_EVENTS, until_ns ? 10 : -1);
    for (int i = 0; i < count; i++) {
      if (!read_once(ready[i].data.fd)) continue;
      answers++;
      if (!until_ns) return;
      ask(ready[i].data.fd, tokens);
    }
    if (until_ns && now_ns() >= until_ns) return;
  }
}

int main(int argc, char **argv) {
  if (argc != 9) {
    fprintf(stderr, "reader <port> <streams> <tokens> <ttft-ms> <gap-ms> <spread-ms> <warm-ms> <measure-ms>\n");
    return 2;
  }
  int streams = atoi(argv[2]);
  int64_t spread_ns = atoll(argv[6]) * 1000000, warm_ns = atoll(argv[7]) * 1000000, measure_ns = atoll(argv[8]) * 1000000;
  port = atoi(argv[1]);
  tokens = atoi(argv[3]);
  for (int i = 0; i < PROMPT_WORDS; i++) strcat(prompt, "word ");
  epoll_fd = epoll_create1(0);

  int first = open_stream();
  ask(first, tokens);
  run(0);
  int64_t per_answer = bytes;

  gap_ms = atof(argv[5]);
  int64_t began_ns = now_ns();
  for (int i = 0; i < streams; i++) {
    run(began_ns + spread_ns * i / streams);
    // First answers of all lengths: otherwise all would end together, again and again. And first tokens at all phases of a
    // gap: multiples of the golden ratio fill it evenly.
    ttft_ms = atof(argv[4]) + fmod(i * 0.6180339887, 1) * gap_ms;
    ask(i == 0 ? first : open_stream(), 1 + (int)((int64_t)i * 7919 % tokens));
  }
  ttft_ms = atof(argv[4]);
  run(now_ns() + warm_ns);
  struct rusage before, after;
  int64_t from_ns = now_ns(), from_bytes = bytes, from_reads = reads, from_answers = answers;
  getrusage(RUSAGE_SELF, &before);
  run(from_ns + measure_ns);
  getrusage(RUSAGE_SELF, &after);
  printf("{\"unitsPerAnswer\":%lld,\"units\":%lld,\"reads\":%lld,\"answers\":%lld,\"wallNs\":%lld,\"userNs\":%lld,"
         "\"systemNs\":%lld,\"check\":%d}\n",
         (long long)per_answer, (long long)(bytes - from_bytes), (long long)(reads - from_reads),
         (long long)(answers - from_answers), (long long)(now_ns() - from_ns),
         (long long)(micros(after.ru_utime) - micros(before.ru_utime)) * 1000,
         (long long)(micros(after.ru_stime) - micros(before.ru_stime)) * 1000, stamps_ns > 0);
  return 0;
}
