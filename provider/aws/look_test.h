/* Look: one look for credentials on a machine and in a network that are played. */
#ifndef AWS_LOOK_TEST_H
#define AWS_LOOK_TEST_H

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/fake_test.h"

struct look {
    struct fake_os os; /* variables, files and the like are the test's to set before */
    struct fake_http http;
    struct config config;
    struct credentials_provider *provider; /* NULL with the problem */
    bool found;
    struct credentials credentials;
    struct aws_problem problem;
};

/* A machine without variables and files, and this network. */
struct look *look_new(struct arena *a, const struct fake_answer *answers, int count);

/* Looks by these settings, which stay the test's; their region is taken for settled. */
void look_for(struct look *l, struct arena *a, const struct aws_settings *settings);

#define LOOK(a, ...)                                  \
    look_new(                                         \
        a, (const struct fake_answer[]){__VA_ARGS__}, \
        (int)(sizeof((const struct fake_answer[]){__VA_ARGS__}) / sizeof(struct fake_answer)))

/* Answers. */
#define STATUS(n, text)                                           \
    {                                                             \
        .response = {.status = (n), .sent = true}, .body = (text) \
    }
#define NOBODY                                                        \
    {                                                                 \
        .response = {.failure = HTTP_NOT_SENT, .reason = "no route" } \
    }
#define STOPPED                                                                     \
    {                                                                               \
        .response = {.failure = HTTP_STOPPED, .reason = "Terraform asked to stop" } \
    }

#endif
