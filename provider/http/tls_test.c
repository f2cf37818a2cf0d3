/* Certificates: a server whose certificate nobody vouches for gets no request, unless the user says
 * so; a proxy that refuses is told without its password. */
#include "base/test.h"
#include "http/curl.h"
#include "http/peer_test.h"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Serves one connection, if its handshake comes to an end. */
struct server {
    SSL_CTX *context;
    int listener, port;
    bool was_asked;
    pthread_t thread;
};

/* For the host, by nobody but itself. */
static X509 *certificate_new(EVP_PKEY *key, const char *host)
{
    X509 *x = X509_new();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, host);
    X509_add_ext(x, names, -1);
    X509_EXTENSION_free(names);
    X509_set_pubkey(x, key);
    X509_sign(x, key, EVP_sha256());
    return x;
}

static void *serve(void *context)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    struct server *s = context;
    char text[4096];
    int fd = accept(s->listener, NULL, NULL);
    SSL *ssl = SSL_new(s->context);
    SSL_set_fd(ssl, fd);
    if (fd >= 0 && SSL_accept(ssl) == 1 && SSL_read(ssl, text, sizeof text) > 0) {
        s->was_asked = true;
        SSL_write(ssl, answer, sizeof answer - 1);
    }
    SSL_free(ssl);
    close(fd);
    return NULL;
}

/* host: as "IP:127.0.0.1". bundle: a file that the certificate is written to; NULL for none. */
static void server_start(struct server *s, const char *host, FILE *bundle)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certificate_new(key, host);
    *s = (struct server){.context = SSL_CTX_new(TLS_server_method()),
                         .listener = socket(AF_INET, SOCK_STREAM, 0)};
    SSL_CTX_use_certificate(s->context, certificate);
    SSL_CTX_use_PrivateKey(s->context, key);
    if (bundle) {
        PEM_write_X509(bundle, certificate);
        fflush(bundle);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    bind(s->listener, (struct sockaddr *)&address, sizeof address);
    listen(s->listener, 1);
    getsockname(s->listener, (struct sockaddr *)&address, &size);
    s->port = ntohs(address.sin_port);
    pthread_create(&s->thread, NULL, serve, s);
}

static void server_stop(struct server *s)
{
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
    SSL_CTX_free(s->context);
}

static struct http_response get(struct arena *a, const struct os *os,
                                const struct curl_settings *settings, const char *url)
{
    struct arena client = {0};
    struct http *http = curl_http_new(&client, os, settings);
    const struct http_request request = {.method = "GET", .url = url, .timeout_ms = 10000};
    struct http_response response = http->send(http, a, &request);
    arena_reset(&client);
    return response;
}

/* One request to a server with a certificate for this host. trusted: by a bundle. */
static struct http_response exchange(struct arena *a, const char *host, bool trusted, bool insecure,
                                     bool *ret_was_asked)
{
    char path[] = "/tmp/tls_test.XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    FILE *bundle = fdopen(fd, "w");
    struct server s;
    server_start(&s, host, trusted ? bundle : NULL);
    const struct curl_settings settings = {.ca_bundle = trusted ? path : NULL,
                                           .insecure = insecure};
    struct http_response r =
        get(a, &os_real, &settings, arena_printf(a, "https://127.0.0.1:%d/", s.port));
    server_stop(&s);
    fclose(bundle);
    unlink(path);
    *ret_was_asked = s.was_asked;
    return r;
}

TEST(tls__asks_nothing_of_a_server_that_nobody_vouches_for)
{
    bool was_asked;
    struct http_response r = exchange(a, "IP:127.0.0.1", false, false, &was_asked);
    CHECK_INT(r.failure, HTTP_BAD_CERTIFICATE);
    CHECK_HAS(r.reason, "certificate");
    CHECK(!r.sent);
    CHECK(!was_asked);
}

TEST(tls__asks_nothing_of_another_server_than_was_meant)
{
    bool was_asked;
    struct http_response r = exchange(a, "IP:127.0.0.2", true, false, &was_asked);
    CHECK_INT(r.failure, HTTP_BAD_CERTIFICATE);
    CHECK(!r.sent);
    CHECK(!was_asked);
}

TEST(tls__trusts_the_bundle_of_the_users)
{
    bool was_asked;
    CHECK_INT(exchange(a, "IP:127.0.0.1", true, false, &was_asked).status, 200);
    CHECK(was_asked);
}

TEST(tls__takes_any_certificate_when_told_to)
{
    bool was_asked;
    CHECK_INT(exchange(a, "IP:127.0.0.2", false, true, &was_asked).status, 200);
    CHECK(was_asked);
}

TEST(tls__a_bundle_that_is_none_makes_no_call)
{
    const struct curl_settings settings = {.ca_bundle = "/dev/null"};
    struct server s;
    server_start(&s, "IP:127.0.0.1", NULL);
    struct http_response r =
        get(a, &os_real, &settings, arena_printf(a, "https://127.0.0.1:%d/", s.port));
    server_stop(&s);
    CHECK_INT(r.failure, HTTP_UNUSABLE);
    CHECK_HAS(r.reason, "/dev/null is a pipe or a device, not a file of root certificates");
    CHECK(!s.was_asked);
}

/* A machine whose roots are where the variables say. */
struct machine {
    struct os os; /* first */
    const char *directory, *bundle, *link;
    int bundles_read;
};

static const char *machine_env(const struct os *os, const char *name)
{
    const struct machine *m = (const struct machine *)os;
    if (strcmp(name, "SSL_CERT_DIR") == 0)
        return m->directory;
    return strcmp(name, "SSL_CERT_FILE") == 0 ? m->bundle : NULL;
}

static int machine_read_file(const struct os *os, struct arena *a, const char *path,
                             struct bytes *ret_bytes)
{
    struct machine *m = (struct machine *)os;
    m->bundles_read += strcmp(path, m->bundle) == 0;
    return os_real.read_file(&os_real, a, path, ret_bytes);
}

static void remove_machine(void *handle)
{
    const struct machine *m = handle;
    unlink(m->link);
    unlink(m->bundle);
    rmdir(m->directory);
}

/* With an empty directory and no bundle. */
static struct machine *machine_new(struct arena *a)
{
    struct machine *m = arena_alloc(a, sizeof *m);
    X509_NAME *name = X509_NAME_new();
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    m->os = os_real;
    m->os.env = machine_env;
    m->os.read_file = machine_read_file;
    m->directory = mkdtemp(arena_text(a, "/tmp/tls_test.XXXXXX"));
    CHECK(m->directory);
    m->bundle = arena_printf(a, "%s/bundle.pem", m->directory);
    m->link =
        arena_printf(a, "%s/%08lx.0", m->directory, X509_NAME_hash_ex(name, NULL, NULL, NULL));
    X509_NAME_free(name);
    arena_defer(a, remove_machine, m);
    return m;
}

/* A certificate of the server's name that is not the server's. */
static void put_stranger(const char *path)
{
    FILE *file = fopen(path, "w");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certificate_new(key, "IP:127.0.0.1");
    PEM_write_X509(file, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    fclose(file);
}

/* One request to a server whose certificate is put in this file of the machine's; NULL: in none. */
static struct http_response ask(struct arena *a, const struct machine *m, const char *place)
{
    const struct curl_settings settings = {0};
    struct server s;
    FILE *file = place ? fopen(place, "a") : NULL;
    server_start(&s, "IP:127.0.0.1", file);
    struct http_response r =
        get(a, &m->os, &settings, arena_printf(a, "https://127.0.0.1:%d/", s.port));
    server_stop(&s);
    if (file)
        fclose(file);
    return r;
}

TEST(tls__a_directory_that_does_spares_the_bundle)
{
    struct machine *m = machine_new(a);
    put_stranger(m->bundle);
    CHECK_INT(ask(a, m, m->link).status, 200);
    CHECK_INT(m->bundles_read, 0);
}

TEST(tls__the_bundle_counts_beside_a_directory_whose_links_lead_nowhere)
{
    struct machine *m = machine_new(a);
    CHECK_INT(symlink("/gone", m->link), 0);
    CHECK_INT(ask(a, m, m->bundle).status, 200);
    CHECK_INT(m->bundles_read, 1);
}

/* The directory has an answer, only the wrong one. */
TEST(tls__the_bundle_counts_beside_another_certificate_of_the_same_name)
{
    struct machine *m = machine_new(a);
    put_stranger(m->link);
    CHECK_INT(ask(a, m, m->bundle).status, 200);
}

TEST(tls__neither_directory_nor_bundle_vouches)
{
    struct machine *m = machine_new(a);
    put_stranger(m->bundle);
    struct http_response r = ask(a, m, NULL);
    CHECK_INT(r.failure, HTTP_BAD_CERTIFICATE);
    CHECK_HAS(r.reason,
              arena_printf(a, "(root certificates in use: %s and %s)", m->directory, m->bundle));
    CHECK(!r.sent);
}

TEST(tls__a_bundle_that_cannot_be_read_beside_a_directory_is_told)
{
    struct machine *m = machine_new(a);
    struct http_response r = ask(a, m, NULL);
    CHECK_INT(r.failure, HTTP_BAD_CERTIFICATE);
    CHECK_HAS(r.reason,
              arena_printf(a, "%s; %s, which SSL_CERT_FILE names, cannot be read: No such file",
                           m->directory, m->bundle));
    CHECK_INT(ask(a, m, m->link).status, 200);
}

TEST(proxy__that_wants_a_password_is_told_without_the_one_it_got)
{
    struct peer proxy;
    peer_start(&proxy, "p");
    const char *url = arena_printf(a, "http://user:hunter2@127.0.0.1:%d", proxy.port);
    const struct curl_settings settings = {.proxies = {.https = url, .http = "", .no_proxy = ""}};
    struct http_response r = get(a, &os_real, &settings, "https://ecr.test/");
    CHECK_INT(r.failure, HTTP_UNUSABLE);
    CHECK_HAS(r.reason, "the proxy ");
    CHECK_HAS(r.reason, " refuses: CONNECT tunnel failed, response 407");
    CHECK_HAS(proxy.last, "CONNECT ecr.test:443 HTTP/1.1");
    CHECK(!strstr(r.reason, "hunter2"));
    CHECK(!r.sent);
    peer_stop(&proxy);
}
