/* To the millisecond; what is finer is cut off. */
#include "resources/seconds.h"

#include <stdlib.h>
#include <string.h>

int64_t seconds_parse(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || whole > 12 || (text[whole] && text[whole] != '.'))
        return -1;
    int64_t ms = strtoll(text, NULL, 10) * 1000, unit = 100;
    const char *digit = text[whole] ? text + whole + 1 : "";
    if (digit[strspn(digit, "0123456789")])
        return -1;
    for (; *digit && unit; digit++, unit /= 10)
        ms += (*digit - '0') * unit;
    return ms;
}
