// A server whose times are known: the ruler that falloff's own stamps are held against.
//
//     cc -O2 -Wall -Wextra -o truth-server truth-server.c
//     truth-server --log writes.ndjson [--port 0] [--ttft-ms 200] [--gap-ms 20]
//
// It answers POST /v1/chat/completions with a stream of `max_tokens` tokens: the first --ttft-ms after the request was read,
// each next one --gap-ms later, on a timeline fixed when the request arrives, so that a late write delays no other. Every
// token is one write(2), and the moment right before it is kept. On SIGTERM or SIGINT it writes one line for each request,
//
//     {"id":"<x-request-id>","arrivalNs":…,"writesNs":[…]}
//
// in nanoseconds of CLOCK_MONOTONIC, the clock that every process of the machine shares, and ends.
// One thread, plain HTTP/1.1 with Content-Length bodies, no TLS: the least that can be late.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FD = 65536, MAX_EVENTS = 1024, ID_SIZE = 96, LONGEST_REQUEST = 4 << 20 };

typedef struct Request { // kept until the log is written
  char id[ID_SIZE];
  int64_t arrival_ns;
  int64_t *write_ns;
  int asked, written;
  int prompt_tokens;
  struct Request *older;
} Request;

typedef struct {
  char *in;
  size_t filled, room;
  Request *streaming; // NULL between requests
  int heap_at;        // place in `due`, -1 when in none
} Connection;

static Connection *connections[MAX_FD];
static Request *newest;
static int epoll_fd;
static int64_t ttft_ns = 200000000, gap_ns = 20000000;
static volatile sig_atomic_t stopping;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

// ---- which connection has to write next: a binary heap of descriptors, earliest on top

static int due[MAX_FD];
static int due_count;

static int64_t due_ns(int fd) {
  const Request *r = connections[fd]->streaming;
  return r->arrival_ns + ttft_ns + r->written * gap_ns;
}

static void place(int at, int fd) {
  due[at] = fd;
  connections[fd]->heap_at = at;
}

static void rise(int at) {
  int fd = due[at];
  for (; at > 0 && due_ns(fd) < due_ns(due[(at - 1) / 2]); at = (at - 1) / 2) place(at, due[(at - 1) / 2]);
  place(at, fd);
}

static void sink(int at) {
  int fd = due[at];
  for (int child; (child = 2 * at + 1) < due_count; at = child) {
    if (child + 1 < due_count && due_ns(due[child + 1]) < due_ns(due[child])) child++;
    if (due_ns(fd) <= due_ns(due[child])) break;
    place(at, due[child]);
  }
  place(at, fd);
}

static void schedule(int fd) {
  place(due_count++, fd);
  rise(due_count - 1);
}

static void unschedule(int fd) {
  int at = connections[fd]->heap_at, last = due[--due_count];
  connections[fd]->heap_at = -1;
  if (last == fd) return;
  place(at, last);
  rise(at);
  sink(connections[last]->heap_at);
}

// ---- connections

static void close_connection(int fd) {
  Connection *c = connections[fd];
  if (c->heap_at >= 0) unschedule(fd);
  connections[fd] = NULL;
  free(c->in);
  free(c);
  close(fd);
}

// The socket's buffer holds a whole stream many times over: a short write means a client that stopped reading.
static int send_all(int fd, const char *bytes, int length) {
  if (write(fd, bytes, length) == length) return 1;
  close_connection(fd);
  return 0;
}

static int answer(int fd, const char *status, const char *body) {
  char out[1024];
  int n = snprintf(out, sizeof out, "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", status,
                   strlen(body), body);
  return send_all(fd, out, n);
}

// ---- the stream

static const char HEAD[] =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
#define EVENT "data: {\"id\":\"chatcmpl-truth\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"truth\","

static int http_chunk(char *out, const char *payload, int length) {
  return sprintf(out, "%x\r\n%.*s\r\n", length, length, payload);
}

// The role goes with the first token and the usage with the last one, as vLLM does it; one write for each token.
static void write_token(int fd) {
  Request *r = connections[fd]->streaming;
  int last = r->written == r->asked - 1, n = 0;
  char payload[1200], out[1400];
  if (r->written == 0)
    n += sprintf(payload, EVENT "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n");
  n += sprintf(payload + n, EVENT "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" tick\"},\"finish_reason\":%s}]}\n\n",
               last ? "\"length\"" : "null");
  if (last)
    n += sprintf(payload + n,
                 EVENT "\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d,\"completion_tokens\":%d}}\n\n"
                       "data: [DONE]\n\n", r->prompt_tokens, r->prompt_tokens + r->asked, r->asked);
  int length = http_chunk(out, payload, n);
  if (last) length += sprintf(out + length, "0\r\n\r\n");
  r->write_ns[r->written++] = now_ns();
  if (!send_all(fd, out, length)) return;
  if (!last) { sink(connections[fd]->heap_at); return; }
  unschedule(fd);
  connections[fd]->streaming = NULL;
}

static int begin_stream(int fd, const char *id, int id_length, int tokens, size_t body_size) {
  Request *r = calloc(1, sizeof *r);
  *r = (Request){.arrival_ns = now_ns(), .asked = tokens, .prompt_tokens = (int)(body_size / 4), .older = newest};
  snprintf(r->id, sizeof r->id, "%.*s", id_length, id);
  r->write_ns = calloc(tokens, sizeof *r->write_ns);
  newest = r;
  connections[fd]->streaming = r;
  if (!send_all(fd, HEAD, sizeof HEAD - 1)) return 0;
  schedule(fd);
  return 1;
}

// ---- requests

// The value of a header in the head that ends at `end`, and its length; NULL when it is not there.
static const char *header(const char *head, const char *end, const char *name, int *length) {
  size_t size = strlen(name);
  for (const char *line = head; (line = memmem(line, end - line, "\r\n", 2)) && line < end;) {
    line += 2;
    if (strncasecmp(line, name, size) != 0 || line[size] != ':') continue;
    const char *value = line + size + 1;
    while (*value == ' ') value++;
    *length = (int)(strpbrk(value, "\r\n") - value);
    return value;
  }
  return NULL;
}

// An unescaped quote before the name tells the field from a prompt that speaks of it.
static int asked_tokens(const char *body, size_t size) {
  const char *names[] = {"\"max_tokens\":", "\"max_completion_tokens\":"};
  for (int i = 0; i < 2; i++)
    for (const char *at = body; (at = memmem(at, body + size - at, names[i], strlen(names[i]))); at++)
      if (at > body && at[-1] != '\\') return atoi(at + strlen(names[i]));
  return 0;
}

// A request that wants no stream only wants its tokens counted: it is answered at once, and not logged.
static int answer_at_once(int fd, int tokens, size_t body_size) {
  char body[512];
  int prompt_tokens = (int)(body_size / 4);
  sprintf(body,
          "{\"id\":\"chatcmpl-truth\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"truth\",\"choices\":[{\"index\":0,"
          "\"message\":{\"role\":\"assistant\",\"content\":\" tick\"},\"finish_reason\":\"length\"}],"
          "\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d,\"completion_tokens\":%d}}",
          prompt_tokens, prompt_tokens + tokens, tokens);
  return answer(fd, "200 OK", body);
}

static int serve(int fd, const char *head, const char *head_end, const char *body, size_t body_size) {
  int id_length = 0;
  const char *id = header(head, head_end, "x-request-id", &id_length);
  if (strncmp(head, "POST /v1/chat/completions ", 26) == 0) {
    int tokens = asked_tokens(body, body_size);
    if (tokens > 0 && !memmem(body, body_size, "\"stream\":true", 13)) return answer_at_once(fd, tokens, body_size);
    if (tokens > 0 && tokens <= 1000000) return begin_stream(fd, id ? id : "", id_length, tokens, body_size);
    return answer(fd, "400 Bad Request", "{\"error\":{\"message\":\"max_tokens is missing\",\"type\":\"BadRequestError\",\"code\":400}}");
  }
  if (strncmp(head, "GET /v1/models ", 15) == 0)
    return answer(fd, "200 OK", "{\"object\":\"list\",\"data\":[{\"id\":\"truth\",\"object\":\"model\",\"max_model_len\":1000000}]}");
  if (strncmp(head, "GET /health ", 12) == 0) return answer(fd, "200 OK", "");
  return answer(fd, "404 Not Found", "{\"error\":{\"message\":\"Not Found\",\"type\":\"NotFoundError\",\"code\":404}}");
}

// Serves what has arrived whole; a request behind a running stream waits for its end.
static void serve_arrived(int fd) {
  Connection *c = connections[fd];
  while (c && !c->streaming && c->filled > 0) {
    char *end = memmem(c->in, c->filled, "\r\n\r\n", 4);
    if (!end) return;
    int length = 0;
    const char *value = header(c->in, end, "content-length", &length);
    size_t body_size = value ? strtoul(value, NULL, 10) : 0, whole = (size_t)(end + 4 - c->in) + body_size;
    if (c->filled < whole) return;
    if (!serve(fd, c->in, end + 2, end + 4, body_size)) return;
    memmove(c->in, c->in + whole, c->filled - whole);
    c->filled -= whole;
  }
}

static void read_some(int fd) {
  Connection *c = connections[fd];
  for (;;) {
    if (c->filled == c->room) {
      c->room = c->room ? c->room * 2 : 8192;
      if (c->room > LONGEST_REQUEST || !(c->in = realloc(c->in, c->room))) fail("request too long");
    }
    ssize_t n = read(fd, c->in + c->filled, c->room - c->filled);
    if (n < 0 && errno == EAGAIN) break;
    if (n <= 0) { close_connection(fd); return; }
    c->filled += n;
  }
  serve_arrived(fd);
}

static void accept_all(int listener) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    if (fd >= MAX_FD) { close(fd); continue; }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connections[fd] = calloc(1, sizeof(Connection));
    connections[fd]->heap_at = -1;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd});
  }
}

static void write_due(void) {
  while (due_count > 0 && due_ns(due[0]) <= now_ns()) {
    int fd = due[0];
    write_token(fd);
    if (connections[fd] && !connections[fd]->streaming) serve_arrived(fd);
  }
}

static void write_log(const char *path) {
  FILE *log = fopen(path, "w");
  if (!log) fail(path);
  for (const Request *r = newest; r; r = r->older) {
    fprintf(log, "{\"id\":\"%s\",\"arrivalNs\":%lld,\"writesNs\":[", r->id, (long long)r->arrival_ns);
    for (int i = 0; i < r->written; i++) fprintf(log, "%s%lld", i ? "," : "", (long long)r->write_ns[i]);
    fprintf(log, "]}\n");
  }
  if (fclose(log) != 0) fail(path);
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  if (bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 4096) < 0) fail("listen");
  getsockname(fd, (struct sockaddr *)&at, &size);
  printf("listening on http://127.0.0.1:%d\n", ntohs(at.sin_port));
  fflush(stdout);
  return fd;
}

static void on_signal(int signal) { stopping = signal; }

int main(int argc, char **argv) {
  const char *log_path = NULL;
  int port = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--port") == 0) port = atoi(argv[i + 1]);
    else if (strcmp(argv[i], "--log") == 0) log_path = argv[i + 1];
    else if (strcmp(argv[i], "--ttft-ms") == 0) ttft_ns = (int64_t)(atof(argv[i + 1]) * 1e6);
    else if (strcmp(argv[i], "--gap-ms") == 0) gap_ns = (int64_t)(atof(argv[i + 1]) * 1e6);
    else { fprintf(stderr, "unknown flag %s\n", argv[i]); return 2; }
  }
  if (!log_path) { fprintf(stderr, "usage: truth-server --log FILE [--port N] [--ttft-ms N] [--gap-ms N]\n"); return 2; }
  // Without this the kernel may round every wait up by 50 µs to save wake-ups.
  prctl(PR_SET_TIMERSLACK, 1);
  signal(SIGPIPE, SIG_IGN);
  // Signals reach the process only inside epoll_pwait2, so none is lost between the test of `stopping` and the wait.
  sigset_t handled, unblocked;
  sigemptyset(&handled);
  sigaddset(&handled, SIGTERM);
  sigaddset(&handled, SIGINT);
  sigprocmask(SIG_BLOCK, &handled, &unblocked);
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
  sigaction(SIGINT, &(struct sigaction){.sa_handler = on_signal}, NULL);

  epoll_fd = epoll_create1(0);
  int listener = listen_on(port);
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
  static struct epoll_event events[MAX_EVENTS];
  while (!stopping) {
    struct timespec wait, *until = NULL;
    if (due_count > 0) {
      int64_t left = due_ns(due[0]) - now_ns();
      wait = left <= 0 ? (struct timespec){0} : (struct timespec){left / 1000000000, left % 1000000000};
      until = &wait;
    }
    int n = epoll_pwait2(epoll_fd, events, MAX_EVENTS, until, &unblocked);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener) accept_all(listener);
      else if (connections[events[i].data.fd]) read_some(events[i].data.fd);
    }
    write_due();
  }
  write_log(log_path);
  return 0;
}
