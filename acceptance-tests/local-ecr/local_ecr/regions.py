"""AWS's regions: which exist, their partitions, and the domains that the hosts of each end in."""

from collections import namedtuple

from moto.ecr.models import ecr_backends

Partition = namedtuple("Partition", "id start domain dual_stack_domain signin_domain")

# The last one is where everything else is.
_PARTITIONS = (
    Partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "amazonaws.cn"),
    Partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "amazonaws-us-gov.com"),
    Partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "amazonaws-eusc.eu"),
    Partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "c2shome.ic.gov"),
    Partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "sc2shome.sgov.gov"),
    Partition(
        "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "csphome.adc-e.uk"
    ),
    Partition(
        "aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "csphome.hci.ic.gov"
    ),
    Partition("aws", "", "amazonaws.com", "api.aws", "aws.amazon.com"),
)
DOMAINS = tuple({partition.domain for partition in _PARTITIONS})
DUAL_STACK_DOMAINS = tuple({partition.dual_stack_domain for partition in _PARTITIONS})
SIGNIN_DOMAINS = tuple({partition.signin_domain for partition in _PARTITIONS})


def names():
    return sorted(ecr_backends["123456789012"].regions)


def exists(region):
    return region in ecr_backends["123456789012"].regions


def partition(region):
    return next(each for each in _PARTITIONS if region.startswith(each.start))


def domain(region):
    return partition(region).domain


def dual_stack_domain(region):
    return partition(region).dual_stack_domain


def signin_domain(region):
    return partition(region).signin_domain
