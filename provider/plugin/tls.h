/* Tls: go-plugin's AutoMTLS. Each side makes a certificate for this one run and hands it to the
 * other outside the connection: ours in the handshake line, Terraform's in the environment. */
#ifndef PLUGIN_TLS_H
#define PLUGIN_TLS_H

#include "base/arena.h"

#include <stdbool.h>

struct grpc_server_credentials;

/* Credentials of a server that takes only the client with this certificate (PEM), and the server's
 * certificate as the handshake line wants it: DER in base64 without padding. NULL when OpenSSL
 * cannot. A client_certificate that is none comes out when the server listens. */
struct grpc_server_credentials *tls_credentials(struct arena *a, const char *client_certificate,
                                                const char **ret_certificate);

/* Why a server cannot listen: gRPC does not say. */
bool tls_is_certificate(const char *pem);

/* Before anything else uses OpenSSL: it is not to read the machine's openssl.cnf. Terraform does
 * not either, and a static program cannot load what is named there. */
void tls_init(void);

#endif
