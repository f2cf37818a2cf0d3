/* Log: hclog's JSON lines on stderr, which is how a plugin's log reaches TF_LOG's readers.
 * Silent unless TF_LOG_PROVIDER or TF_LOG asks for it. Values of keys that name a secret are
 * replaced, whoever logs them. Source: terraform-plugin-log's wire form. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

/* Text when .text is set, else .number. A list ends with a field without a key. */
struct log_field {
    const char *key;
    const char *text;
    int64_t number;
};

/* Sets the level from the value of TF_LOG; NULL or "" is off, an unknown word is TRACE. */
void log_set_level(const char *tf_log);

bool log_enabled(enum log_level level);

/* One line, one write. Text is cut at 1 KiB, a field that no longer fits 16 KiB is left out.
 * fields may be NULL. */
void log_event(enum log_level level, const char *message, const struct log_field *fields);

#endif
