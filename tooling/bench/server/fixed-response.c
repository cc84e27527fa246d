/*
 * Answers requests with bytes that were made beforehand, as fast as one core can: the clients are what is measured.
 *
 *   fixed-response CORE ROUTE...     ROUTE = TARGET:FILE:TAIL:COUNT:CLOSE
 *
 * FILE holds a whole response; its last TAIL bytes are sent COUNT times (so that a response of any length stays in the
 * cache). CLOSE is 1 where the connection ends behind the response. A request to /hold/N is answered, like the first
 * route, once N of them wait. Content of requests is read and dropped, with Content-Length or chunked; requests may be
 * pipelined. Any other target: 404. Listens on 127.0.0.1 to 127.0.0.20, so that a client sees many origins. Prints the
 * port, which the system chooses, and ends with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FDS = 65536, MAX_ROUTES = 32, HEAD_BYTES = 8192, IN_BYTES = 1 << 18, OUT_BYTES = 1 << 16,
       ADDRESSES = 20 };

struct route { const char *target; size_t targetLength; char *bytes; size_t length, tail; long count; int closes; };

/* What is read next: a head, content of known length, or a piece of chunked content. */
enum reading { HEAD, CONTENT, CHUNK_SIZE, CHUNK_DATA, TRAILERS };

struct connection {
  enum reading reading;
  unsigned long long left;         /* bytes of content or of the chunk, its CRLF included */
  const struct route *answer;      /* due once the content has ended */
  const struct route *sending;     /* the response that is partly sent, */
  size_t sent;                     /* so far in its bytes, */
  long timesLeft;                  /* and how many more times its tail goes out */
  char *kept; size_t keptLength;   /* bytes that were read and are not used yet: at most a head, unless it is sending */
};

static struct route routes[MAX_ROUTES];
static int routeCount;
static const struct route notFound = {
  .bytes = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", .length = 45, .count = 1 };
static struct connection connections[MAX_FDS];
static int waiting[MAX_FDS], waitingCount;
static int epollFd;
static char in[IN_BYTES + HEAD_BYTES];
static char out[OUT_BYTES];
static size_t outLength;

static void fail(const char *what) { perror(what); exit(1); }

static void loadRoute(char *spec) {
  struct route *route = &routes[routeCount++];
  char *file, *tail, *count, *closes;
  if (routeCount > MAX_ROUTES) { fprintf(stderr, "more than %d routes\n", MAX_ROUTES); exit(1); }
  route->target = strtok(spec, ":");
  file = strtok(NULL, ":"); tail = strtok(NULL, ":"); count = strtok(NULL, ":"); closes = strtok(NULL, ":");
  if (!closes) { fprintf(stderr, "a route is TARGET:FILE:TAIL:COUNT:CLOSE\n"); exit(1); }
  route->targetLength = strlen(route->target);
  route->tail = strtoul(tail, NULL, 10); route->count = strtol(count, NULL, 10); route->closes = atoi(closes);
  int fd = open(file, O_RDONLY);
  struct stat facts;
  if (fd < 0 || fstat(fd, &facts) < 0) fail(file);
  route->length = (size_t)facts.st_size;
  route->bytes = malloc(route->length);
  if (!route->bytes) fail("malloc");
  for (size_t at = 0; at < route->length;) {
    ssize_t got = read(fd, route->bytes + at, route->length - at);
    if (got <= 0) fail(file);
    at += (size_t)got;
  }
  close(fd);
}

static void watch(int fd, unsigned events, int operation) {
  struct epoll_event event = { .events = events, .data.fd = fd };
  if (epoll_ctl(epollFd, operation, fd, &event) < 0) fail("epoll_ctl");
}

static void drop(int fd) {
  struct connection *connection = &connections[fd];
  for (int at = 0; at < waitingCount; at++) if (waiting[at] == fd) waiting[at--] = waiting[--waitingCount];
  free(connection->kept);
  memset(connection, 0, sizeof *connection);
  close(fd);
}

/* 1: all was taken. 0: the kernel is full. -1: the connection is over. */
static int writeAll(int fd, const char *bytes, size_t length, size_t *sent) {
  while (*sent < length) {
    ssize_t wrote = write(fd, bytes + *sent, length - *sent);
    if (wrote < 0) return errno == EAGAIN ? 0 : -1;
    *sent += (size_t)wrote;
  }
  return 1;
}

/* As writeAll, for the response that the connection is sending. */
static int goOnSending(int fd) {
  struct connection *connection = &connections[fd];
  const struct route *route = connection->sending;
  for (;;) {
    int done = writeAll(fd, route->bytes, route->length, &connection->sent);
    if (done <= 0) return done;
    if (--connection->timesLeft <= 0) break;
    connection->sent = route->length - route->tail;
  }
  connection->sending = NULL;
  if (route->closes) return -1;
  return 1;
}

/* Sends what was collected. What the kernel does not take of it waits as a response of its own would: that needs a peer
   which pipelines and does not read; it is cut off. */
static int flush(int fd) {
  size_t sent = 0, length = outLength;
  outLength = 0;
  return length == 0 || writeAll(fd, out, length, &sent) == 1 ? 1 : -1;
}

static int answer(int fd, const struct route *route) {
  struct connection *connection = &connections[fd];
  if (route->count == 1 && !route->closes && route->length <= OUT_BYTES / 2) {
    if (outLength + route->length > OUT_BYTES && flush(fd) < 0) return -1;
    memcpy(out + outLength, route->bytes, route->length);
    outLength += route->length;
    return 1;
  }
  if (flush(fd) < 0) return -1;
  connection->sending = route;
  connection->sent = 0;
  connection->timesLeft = route->count;
  int done = goOnSending(fd);
  if (done == 0) watch(fd, EPOLLOUT, EPOLL_CTL_MOD);
  return done;
}

/* Answers everybody who waits, once enough do. */
static int hold(int fd, long count) {
  waiting[waitingCount++] = fd;
  if (waitingCount < count) return 1;
  for (int at = 0; at < waitingCount; at++) {
    size_t sent = 0;
    if (waiting[at] != fd) writeAll(waiting[at], routes[0].bytes, routes[0].length, &sent);
  }
  waitingCount = 0;
  return answer(fd, &routes[0]);
}

static const struct route *routeFor(const char *target, size_t length) {
  for (int at = 0; at < routeCount; at++)
    if (routes[at].targetLength == length && !memcmp(routes[at].target, target, length)) return &routes[at];
  return &notFound;
}

static const char *field(const char *head, size_t length, const char *name) {
  size_t nameLength = strlen(name);
  for (const char *at = head; (at = memmem(at, (size_t)(head + length - at), "\r\n", 2)); ) {
    at += 2;
    if ((size_t)(head + length - at) > nameLength && !strncasecmp(at, name, nameLength)) return at + nameLength;
  }
  return NULL;
}

static int takeHead(int fd, const char *head, size_t length) {
  struct connection *connection = &connections[fd];
  const char *space = memchr(head, ' ', length);
  const char *target = space ? space + 1 : head;
  const char *end = memchr(target, ' ', (size_t)(head + length - target));
  if (!space || !end) return -1;
  if (head[0] != 'G' && head[0] != 'H') {
    const char *value = field(head, length, "content-length:");
    connection->answer = routeFor(target, (size_t)(end - target));
    if (value) { connection->left = strtoull(value, NULL, 10); connection->reading = CONTENT; return 1; }
    value = field(head, length, "transfer-encoding:");
    if (value) { connection->reading = CHUNK_SIZE; return 1; }
    return answer(fd, connection->answer);
  }
  if (end - target > 6 && !memcmp(target, "/hold/", 6)) return hold(fd, strtol(target + 6, NULL, 10));
  return answer(fd, routeFor(target, (size_t)(end - target)));
}

/* How many of the bytes were used; 0: more are needed. -1: the connection is over. */
static long takeSome(int fd, const char *bytes, size_t length) {
  struct connection *connection = &connections[fd];
  const char *end;
  size_t used;
  switch (connection->reading) {
  case HEAD:
    end = memmem(bytes, length, "\r\n\r\n", 4);
    if (!end) return length >= HEAD_BYTES ? -1 : 0;
    used = (size_t)(end + 4 - bytes);
    return takeHead(fd, bytes, used) < 0 ? -1 : (long)used;
  case CONTENT:
    used = length < connection->left ? length : (size_t)connection->left;
    connection->left -= used;
    if (connection->left > 0) return (long)used;
    connection->reading = HEAD;
    return answer(fd, connection->answer) < 0 ? -1 : (long)used;
  case CHUNK_SIZE:
    end = memmem(bytes, length, "\r\n", 2);
    if (!end) return length >= HEAD_BYTES ? -1 : 0;
    connection->left = strtoull(bytes, NULL, 16);
    connection->reading = connection->left ? CHUNK_DATA : TRAILERS;
    connection->left += 2;
    return end + 2 - bytes;
  case CHUNK_DATA:
    used = length < connection->left ? length : (size_t)connection->left;
    connection->left -= used;
    if (connection->left == 0) connection->reading = CHUNK_SIZE;
    return (long)used;
  case TRAILERS:
    end = memmem(bytes, length, "\r\n", 2);
    if (!end) return length >= HEAD_BYTES ? -1 : 0;
    if (end != bytes) return end + 2 - bytes;
    connection->reading = HEAD;
    return answer(fd, connection->answer) < 0 ? -1 : 2;
  }
  return -1;
}

/* Uses what is there, until the connection waits for more bytes or for room to send. */
static int takeAll(int fd, char *bytes, size_t length) {
  struct connection *connection = &connections[fd];
  size_t used = 0;
  while (used < length && !connection->sending) {
    long took = takeSome(fd, bytes + used, length - used);
    if (took < 0) return -1;
    if (took == 0) break;
    used += (size_t)took;
  }
  if (flush(fd) < 0) return -1;
  if (used == length) return 1;
  char *kept = malloc(length - used);
  if (!kept) fail("malloc");
  memcpy(kept, bytes + used, length - used);
  connection->kept = kept;
  connection->keptLength = length - used;
  return 1;
}

static int readable(int fd) {
  struct connection *connection = &connections[fd];
  size_t before = connection->keptLength;
  if (before > HEAD_BYTES) return -1;
  memcpy(in, connection->kept ? connection->kept : "", before);
  free(connection->kept);
  connection->kept = NULL;
  connection->keptLength = 0;
  ssize_t got = read(fd, in + before, IN_BYTES);
  if (got < 0 && errno == EAGAIN) got = 0; else if (got <= 0) return -1;
  return takeAll(fd, in, before + (size_t)got);
}

static int writable(int fd) {
  struct connection *connection = &connections[fd];
  int done = connection->sending ? goOnSending(fd) : 1;
  if (done <= 0) return done;
  watch(fd, EPOLLIN, EPOLL_CTL_MOD);
  char *kept = connection->kept;
  size_t length = connection->keptLength;
  if (!kept) return 1;
  connection->kept = NULL;
  connection->keptLength = 0;
  done = takeAll(fd, kept, length);
  free(kept);
  return done;
}

static void acceptAll(int listener) {
  int on = 1, fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    if (fd >= MAX_FDS) { close(fd); continue; }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

/* The port that was asked for, or with 0 one that is free, in `port`. */
static int listenOn(in_addr_t host, in_port_t *port) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = *port, .sin_addr.s_addr = htonl(host) };
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, length) < 0) fail("bind");
  if (listen(listener, 16384) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0) fail("listen");
  *port = address.sin_port;
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);
  return listener;
}

int main(int argc, char **argv) {
  if (argc < 3) { fprintf(stderr, "usage: fixed-response CORE ROUTE...\n"); return 1; }
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(atoi(argv[1]), &cores);
  if (atoi(argv[1]) >= 0 && sched_setaffinity(0, sizeof cores, &cores) < 0) fail("sched_setaffinity");
  for (int at = 2; at < argc; at++) loadRoute(argv[at]);
  signal(SIGPIPE, SIG_IGN);
  epollFd = epoll_create1(EPOLL_CLOEXEC);
  in_port_t port = 0;
  int lastListener = 0;
  for (in_addr_t at = 0; at < ADDRESSES; at++) lastListener = listenOn(INADDR_LOOPBACK + at, &port);
  printf("%d\n", ntohs(port));
  fflush(stdout);
  watch(0, EPOLLIN, EPOLL_CTL_ADD);
  struct epoll_event events[512];
  for (;;) {
    int count = epoll_wait(epollFd, events, 512, -1);
    for (int at = 0; at < count; at++) {
      int fd = events[at].data.fd, done = 1;
      if (fd == 0) return 0;
      if (fd <= lastListener) { acceptAll(fd); continue; } /* nothing else was opened before them */
      if (events[at].events & EPOLLOUT) done = writable(fd);
      else if (events[at].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) done = readable(fd);
      if (done < 0) drop(fd);
    }
  }
}
