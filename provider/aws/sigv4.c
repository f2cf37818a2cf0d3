/* The stages in order: canonical request, string to sign, signature. */
#include "aws/sigv4.h"

#include "base/text.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALGORITHM "AWS4-HMAC-SHA256"

const char *sigv4_hash(struct arena *a, struct bytes bytes)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(bytes.data, bytes.size, digest);
    return text_hex(a, (struct bytes){digest, sizeof digest});
}

/* 20150830T123600Z; its first eight characters are the date. */
const char *sigv4_time(struct arena *a, int64_t now_ms)
{
    char text[32];
    struct tm utc;
    time_t seconds = (time_t)(now_ms / 1000);
    gmtime_r(&seconds, &utc);
    return arena_text_n(a, text, strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc));
}

static const char *date(struct arena *a, const struct sigv4_scope *scope)
{
    return arena_text_n(a, sigv4_time(a, scope->now_ms), 8);
}

/* Percent-encodes all bytes but the unreserved ones and those in keep. */
static const char *encode(struct arena *a, const char *text, size_t size, const char *keep)
{
    char *encoded = arena_alloc(a, 3 * size + 1), *to = encoded;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80 && c && (isalnum(c) || strchr("-._~", c) || strchr(keep, c))) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = "0123456789ABCDEF"[c >> 4];
        *to++ = "0123456789ABCDEF"[c & 15];
    }
    return encoded;
}

static char *drop_segment(char *path, char *end)
{
    while (end > path && *--end != '/')
        ;
    return end;
}

/* Without empty, "." and ".." segments. A slash at the end stays. */
static const char *normal_path(struct arena *a, const char *path)
{
    char *normal = arena_alloc(a, strlen(path) + 2), *end = normal;
    bool slash = true;
    for (const char *p = path; *p;) {
        p += strspn(p, "/");
        size_t size = strcspn(p, "/");
        bool up = size == 2 && memcmp(p, "..", 2) == 0, here = size == 1 && *p == '.';
        slash = size == 0 || p[size] == '/' || up || here;
        if (up)
            end = drop_segment(normal, end);
        if (size && !up && !here) {
            *end++ = '/';
            memcpy(end, p, size);
            end += size;
        }
        p += size;
    }
    if (slash)
        *end++ = '/';
    *end = '\0';
    return normal;
}

static const char *canonical_path(struct arena *a, const char *path)
{
    path = normal_path(a, path);
    return encode(a, path, strlen(path), "/");
}

struct pair {
    const char *name, *value;
    size_t order;
};

static int by_name_and_value(const void *x, const void *y)
{
    const struct pair *p = x, *q = y;
    int names = strcmp(p->name, q->name);
    return names ? names : strcmp(p->value, q->value);
}

static struct pair query_pair(struct arena *a, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    size_t name = equals ? (size_t)(equals - text) : size;
    size_t value = equals ? size - name - 1 : 0;
    return (struct pair){encode(a, text, name, ""), encode(a, text + size - value, value, ""), 0};
}

static const char *canonical_query(struct arena *a, const char *query)
{
    size_t count = 0;
    struct pair *pairs = arena_array(a, strlen(query) + 1, sizeof *pairs);
    for (const char *p = query; *(p += strspn(p, "&")); p += strcspn(p, "&"))
        pairs[count++] = query_pair(a, p, strcspn(p, "&"));
    qsort(pairs, count, sizeof *pairs, by_name_and_value);

    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf(a, "%s%s%s=%s", text, i ? "&" : "", pairs[i].name, pairs[i].value);
    return text;
}

static const char *lower(struct arena *a, const char *text)
{
    char *copy = arena_text(a, text);
    for (char *p = copy; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return copy;
}

/* Trimmed, and every run of white space, folded lines too, is one space. */
static const char *squeeze(struct arena *a, const char *text)
{
    char *squeezed = arena_alloc(a, strlen(text) + 1), *to = squeezed;
    for (; *text; text++)
        if (!isspace((unsigned char)*text))
            *to++ = *text;
        else if (to > squeezed && to[-1] != ' ')
            *to++ = ' ';
    if (to > squeezed && to[-1] == ' ')
        to[-1] = '\0';
    return squeezed;
}

static int by_name_and_order(const void *x, const void *y)
{
    const struct pair *p = x, *q = y;
    int names = strcmp(p->name, q->name);
    return names ? names : (p->order > q->order) - (p->order < q->order);
}

static size_t header_count(const struct http_header *headers)
{
    size_t count = 0;
    while (headers[count].name)
        count++;
    return count;
}

/* Sorted, one per name; ends with {0}. */
static const struct pair *canonical_headers(struct arena *a, const struct http_header *headers)
{
    size_t count = header_count(headers), kept = 0;
    struct pair *pairs = arena_array(a, count + 1, sizeof *pairs);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct pair){lower(a, headers[i].name), squeeze(a, headers[i].value), i};
    qsort(pairs, count, sizeof *pairs, by_name_and_order);

    for (size_t i = 0; i < count; i++)
        if (kept && strcmp(pairs[kept - 1].name, pairs[i].name) == 0)
            pairs[kept - 1].value = arena_printf(a, "%s,%s", pairs[kept - 1].value, pairs[i].value);
        else
            pairs[kept++] = pairs[i];
    pairs[kept] = (struct pair){0};
    return pairs;
}

static const char *signed_names(struct arena *a, const struct pair *headers)
{
    const char *names = "";
    for (const struct pair *h = headers; h->name; h++)
        names = arena_printf(a, "%s%s%s", names, *names ? ";" : "", h->name);
    return names;
}

const char *sigv4_canonical_request(struct arena *a, const struct sigv4_request *request)
{
    const struct pair *headers = canonical_headers(a, request->headers);
    const char *lines = "";
    for (const struct pair *h = headers; h->name; h++)
        lines = arena_printf(a, "%s%s:%s\n", lines, h->name, h->value);
    return arena_printf(a, "%s\n%s\n%s\n%s\n%s\n%s", request->method,
                        canonical_path(a, request->path), canonical_query(a, request->query), lines,
                        signed_names(a, headers), sigv4_hash(a, request->body));
}

static const char *scope_text(struct arena *a, const struct sigv4_scope *scope)
{
    return arena_printf(a, "%s/%s/%s/aws4_request", date(a, scope), scope->region, scope->service);
}

const char *sigv4_string_to_sign(struct arena *a, const struct sigv4_scope *scope,
                                 const char *canonical_request)
{
    struct bytes bytes = {(const uint8_t *)canonical_request, strlen(canonical_request)};
    return arena_printf(a, ALGORITHM "\n%s\n%s\n%s", sigv4_time(a, scope->now_ms),
                        scope_text(a, scope), sigv4_hash(a, bytes));
}

/* Replaces key by the HMAC of text under it. */
static void hmac(unsigned char key[SHA256_DIGEST_LENGTH], const char *text)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    HMAC(EVP_sha256(), key, SHA256_DIGEST_LENGTH, (const unsigned char *)text, strlen(text), digest,
         NULL);
    memcpy(key, digest, sizeof digest);
    OPENSSL_cleanse(digest, sizeof digest);
}

const char *sigv4_signature(struct arena *a, const struct sigv4_scope *scope,
                            const char *secret_key, const char *string_to_sign)
{
    const char *day = date(a, scope);
    char *secret = arena_printf(a, "AWS4%s", secret_key);
    unsigned char key[SHA256_DIGEST_LENGTH];

    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)day, strlen(day), key,
         NULL);
    hmac(key, scope->region);
    hmac(key, scope->service);
    hmac(key, "aws4_request");
    hmac(key, string_to_sign);
    const char *signature = text_hex(a, (struct bytes){key, sizeof key});
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(secret, strlen(secret));
    return signature;
}

const struct http_header *sigv4_headers(struct arena *a, const struct sigv4_request *request,
                                        const struct sigv4_scope *scope,
                                        const struct credentials *credentials)
{
    size_t count = header_count(request->headers);
    struct http_header *headers = arena_array(a, count + 4, sizeof *headers);
    memcpy(headers, request->headers, count * sizeof *headers);
    headers[count++] = (struct http_header){"X-Amz-Date", sigv4_time(a, scope->now_ms)};
    if (credentials->session_token)
        headers[count++] = (struct http_header){"X-Amz-Security-Token", credentials->session_token};
    return headers;
}

const struct http_header *sigv4_sign(struct arena *a, const struct sigv4_request *request,
                                     const struct sigv4_scope *scope,
                                     const struct credentials *credentials)
{
    struct sigv4_request dated = *request;
    dated.headers = sigv4_headers(a, request, scope, credentials);
    const char *to_sign = sigv4_string_to_sign(a, scope, sigv4_canonical_request(a, &dated));
    const char *signature = sigv4_signature(a, scope, credentials->secret_access_key, to_sign);

    /* sigv4_headers leaves room for this one. */
    struct http_header *added =
        (struct http_header *)dated.headers + header_count(request->headers);
    added[header_count(added)] = (struct http_header){
        "Authorization",
        arena_printf(a, ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                     credentials->access_key_id, scope_text(a, scope),
                     signed_names(a, canonical_headers(a, dated.headers)), signature)};
    return added;
}
