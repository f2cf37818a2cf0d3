/* Base64 by OpenSSL, which wants whole groups of four and counts the padding as bytes. */
#include "ecr/authorization.h"

#include <openssl/evp.h>
#include <string.h>

#define LONGEST_TOKEN (64u * 1024)

bool authorization_split(struct arena *a, const char *token, const char **ret_user,
                         const char **ret_password)
{
    size_t size = strlen(token);
    if (size == 0 || size % 4 || size > LONGEST_TOKEN)
        return false;
    char *text = arena_alloc(a, size / 4 * 3 + 1);
    if (EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)token, (int)size) < 0)
        return false;
    char *colon = strchr(text, ':');
    if (!colon)
        return false;
    *colon = '\0';
    *ret_user = text;
    *ret_password = colon + 1;
    return true;
}
