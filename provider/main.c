/* The program: what it was started for, and the one place that knows all layers. */
#include "framework/provider.h"
#include "packed.h"
#include "plugin/plugin.h"
#include "resources/registry.h"

#include <stdio.h>
#include <string.h>

static int explain(void)
{
    fprintf(stderr,
            "terraform-provider-ecr %s manages Amazon ECR for Terraform.\n"
            "\n"
            "It is a plugin: terraform starts it, it does nothing by hand. To use it, put\n"
            "\n"
            "  terraform {\n"
            "    required_providers {\n"
            "      ecr = { source = \"aws-labs/ecr\" }\n"
            "    }\n"
            "  }\n"
            "\n"
            "into the configuration and run terraform init. A copy that was built here is\n"
            "installed for terraform by \"make install\".\n"
            "\n"
            "  --version    print the version\n"
            "  --debug      serve, and print the setting that makes terraform use this process\n"
            "  --docs DIR   write the documentation's pages below DIR\n",
            PROVIDER_VERSION);
    return 1;
}

static int write_docs(const char *directory)
{
    int error = provider_write_docs(&ecr_provider, directory);
    if (error)
        fprintf(stderr, "terraform-provider-ecr: cannot write below %s: %s\n", directory,
                strerror(error));
    return error ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("terraform-provider-ecr %s\n", PROVIDER_VERSION) < 0 || fflush(stdout) != 0;
    if (argc == 2 && strcmp(argv[1], "--debug") == 0)
        return plugin_serve(&ecr_provider, packed_schema, &os_real, PLUGIN_DEBUG);
    if (argc == 3 && strcmp(argv[1], "--docs") == 0 && *argv[2])
        return write_docs(argv[2]);
    if (argc > 1) {
        fprintf(stderr, "terraform-provider-ecr: unknown arguments, beginning with \"%s\"\n\n",
                argv[1]);
        return explain();
    }
    if (!plugin_started_by_terraform(&os_real))
        return explain();
    return plugin_serve(&ecr_provider, packed_schema, &os_real, PLUGIN_BY_TERRAFORM);
}
