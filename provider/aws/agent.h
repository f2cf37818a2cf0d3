/* Agent: the user agent of calls, in the form that AWS's own tools use, so that AWS's logs can be
 * read by the same means. */
#ifndef AWS_AGENT_H
#define AWS_AGENT_H

#include "aws/config.h"

/* For calls to this service; one line, at most 1000 bytes. */
const char *agent_text(struct arena *a, const struct config *config,
                       const struct aws_service *service);

#endif
