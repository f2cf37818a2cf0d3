/* Xml: documents as STS answers them, to values; the only user of expat. Elements, text, entities
 * and CDATA; attributes and namespaces are passed over, a document type is refused. */
#ifndef AWS_XML_H
#define AWS_XML_H

#include "value/value.h"

/* A map with the root element: an element with elements in it is a map (a list under a name that
 * repeats), any other is its text as written. NULL when it is no well-formed XML, nests deeper than
 * 64 elements or has more than 1000. */
const struct value *xml_parse(struct arena *a, const char *text, size_t size);

#endif
