/* Peer: a small HTTP server on the loopback interface that misbehaves as told, for the tests of
 * the transport. */
#ifndef HTTP_PEER_TEST_H
#define HTTP_PEER_TEST_H

#include <pthread.h>
#include <stdatomic.h>

#define PEER_CONNECTIONS 64
#define PEER_KEEPS       (16 * 1024)

/* One letter per request, in the order of arrival; the last one is repeated.
 *   k  200 and body, connection kept    c  closes without an answer
 *   i  100 Continue, then as k          r  resets the connection
 *   e  echoes the request               s  stalls until the peer goes
 *   t  an answer that breaks off        b  a body without end
 *   m  302 to itself                    p  407, as a proxy that wants a password */
struct peer {
    const char *script;
    const char *body; /* "ok" unless it is set after the start */
    int port;
    char last[PEER_KEEPS]; /* the beginning of the last request */
    atomic_int connections, requests;
    int listener;
    pthread_t acceptor, workers[PEER_CONNECTIONS];
};

void peer_start(struct peer *s, const char *script);

/* Call after the client's connections are closed. */
void peer_stop(struct peer *s);

#endif
