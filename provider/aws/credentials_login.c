/* Placeholder until the session is supported. */
#include "aws/credentials_source.h"

struct credentials_choice credentials_login_choose(struct arena *a,
                                                   const struct credentials_context *context,
                                                   const struct profile *profile)
{
    (void)context;
    return credentials_broken(a, "profile \"%s\" has login_session, which is not supported",
                              profile->name);
}
