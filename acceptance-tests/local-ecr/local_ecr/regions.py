"""AWS's regions: which exist, and the domain that the hosts of each end in."""

from moto.ecr.models import ecr_backends

# First part of a region's name -> domain; what is not here is in amazonaws.com.
_DOMAINS = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "eu-isoe-": "cloud.adc-e.uk",
    "us-isof-": "csp.hci.ic.gov",
}
DOMAINS = ("amazonaws.com", *_DOMAINS.values())


def exists(region):
    return region in ecr_backends["123456789012"].regions


def domain(region):
    for start, name in _DOMAINS.items():
        if region.startswith(start):
            return name
    return "amazonaws.com"
