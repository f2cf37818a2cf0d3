/* Sessions of "aws login" are refused rather than passed over, since what comes next in the chain
 * would be somebody else. */
#include "aws/credentials_source.h"

struct credentials_choice credentials_login_choose(struct arena *a,
                                                   const struct credentials_context *context,
                                                   const struct profile *profile)
{
    (void)context;
    return credentials_broken(
        a,
        "profile \"%s\" has login_session, which this version of the provider "
        "does not support. \"aws configure export-credentials --profile "
        "%s\" prints credentials that can be used as they are",
        profile->name, profile->name);
}
