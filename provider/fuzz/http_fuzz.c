/* What a server's head may look like, and what users write into proxy settings. */
#include "aws/retry.h"
#include "fuzz/fuzz.h"
#include "http/exchange.h"
#include "http/proxy.h"

#include <string.h>

/* A head as libcurl hands it over, line by line; a body behind an empty line. */
FUZZ(http_head)
{
    static const struct exchange_settings settings = {0};
    const struct http_request request = {.method = "GET", .url = "http://127.0.0.1/"};
    struct exchange x;
    CURL *easy = curl_easy_init();
    exchange_begin(&x, a, easy, &request, &settings);
    buffer_add(&x.head, input.data, input.size);
    struct http_response response = exchange_end(&x, easy, CURLE_OK);
    curl_easy_cleanup(easy);

    CLAIM(response.headers);
    http_header(&response, "content-type");
    const struct retry_attempt attempt = {.class = RETRY_THROTTLED,
                                          .number = 1,
                                          .most = 3,
                                          .response = &response,
                                          .left_ms = INT64_MAX};
    int64_t delay_ms = retry_delay_ms(&attempt);
    CLAIM(delay_ms == RETRY_STOP || delay_ms >= 0);
}

/* Three lines: proxy, exceptions, URL. */
FUZZ(proxy)
{
    struct bytes proxy = fuzz_piece(&input), exceptions = fuzz_piece(&input);
    const struct proxy_settings settings = {.http = fuzz_text(a, proxy),
                                            .https = fuzz_text(a, proxy),
                                            .no_proxy = fuzz_text(a, exceptions)};
    struct fake_os os = fake_os();
    struct proxies proxies;
    const char *attribute;
    if (proxy_find(a, &os.os, &settings, &proxies, &attribute) == NULL)
        CLAIM(proxy_for(a, &proxies, fuzz_text(a, input)));
}
