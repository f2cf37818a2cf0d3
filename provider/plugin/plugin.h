/* Plugin: a provider as Terraform starts it: a process that announces itself on stdout, serves gRPC
 * over mutual TLS on a local socket, and ends when it is told to or when Terraform is gone. */
#ifndef PLUGIN_PLUGIN_H
#define PLUGIN_PLUGIN_H

#include "framework/provider.h"

enum plugin_mode {
    PLUGIN_BY_TERRAFORM, /* started by Terraform: handshake, TLS */
    PLUGIN_DEBUG,        /* started by hand: plain text, prints TF_REATTACH_PROVIDERS */
};

/* Serves until the end. Returns the exit status when it cannot start; otherwise it does not return.
 */
int plugin_serve(const struct provider *provider, struct bytes schema, const struct os *os,
                 enum plugin_mode mode);

/* What plugin_serve wants as schema: the answer to GetProviderSchema, as it is sent. It is always
 * the same, so it is made when the program is built. */
struct bytes plugin_schema(struct arena *a, const struct provider *provider);

/* Whether Terraform started this process: the environment has its magic cookie. */
bool plugin_started_by_terraform(const struct os *os);

#endif
