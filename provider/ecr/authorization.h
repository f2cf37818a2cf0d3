/* Authorization: the token that ECR gives to log in to a registry with. */
#ifndef ECR_AUTHORIZATION_H
#define ECR_AUTHORIZATION_H

#include "base/arena.h"

#include <stdbool.h>

/* Takes base64 of "USER:PASSWORD" apart. False when it is none. */
bool authorization_split(struct arena *a, const char *token, const char **ret_user,
                         const char **ret_password);

#endif
