"""The one exception that every part of the local ECR raises to answer a request with an AWS error,
and the sentences of ECR's own errors. "refusal" is set when the request itself was wrong
(signature, form), as opposed to a service saying no to a well-formed request; tests assert that a
run holds no refusal."""


class AwsError(Exception):
    def __init__(self, code, message, status=400, refusal=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.refusal = refusal


def invalid_parameter(place, why):
    """ECR's usual form of "this argument is wrong"."""
    text = f"Invalid parameter at '{place}' failed to satisfy constraint: '{why}'"
    return AwsError("InvalidParameterException", text)


_REPOSITORY = "repository with name '{repository}'"
_REGISTRY = "registry with id '{account}'"

# Kind of error (its code without "Exception") -> AWS's sentence, as far as it is known.
_SENTENCES = {
    "EmptyUpload": "The upload has no parts",
    "ImageAlreadyExists": "Image with digest '{digest}' and tag '{tag}' already exists in"
    f" the {_REPOSITORY} in registry with id '{{account}}'",
    "ImageDigestDoesNotMatch": "The provided digest '{given}' does not match the digest of the"
    " manifest, '{digest}'",
    "ImageNotFound": "The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not"
    f" exist within the {_REPOSITORY} in the {_REGISTRY}",
    "ImageTagAlreadyExists": "The image tag '{tag}' already exists in the '{repository}' repository"
    " and cannot be overwritten because the tag is immutable.",
    "InvalidLayer": "The layer's digest is {digest}, not {given}",
    "InvalidLayerPart": "The part has {size} bytes and says that it is {first} to {last}; received"
    " so far: {received}",
    "InvalidTagParameter": "Invalid tag '{key}': {why}",
    "Kms": "The KMS key '{key}' does not exist in {region}, or ECR may not use it",
    "LayerAlreadyExists": f"Layer with digest '{{digest}}' already exists in the {_REPOSITORY}",
    "LayerPartTooSmall": "Only the last part may be smaller than {size} bytes",
    "LayersNotFound": f"One or more of the layers do not exist in the {_REPOSITORY}: {{missing}}",
    "LifecyclePolicyNotFound": "Lifecycle policy does not exist for"
    f" the {_REPOSITORY} in the {_REGISTRY}",
    "LifecyclePolicyPreviewNotFound": f"There is no dry run for the {_REPOSITORY}",
    "LimitExceeded": "{what} can have at most {limit}",
    "PullThroughCacheRuleAlreadyExists": "A pull through cache rule with prefix '{prefix}' already"
    f" exists in the {_REGISTRY}",
    "PullThroughCacheRuleNotFound": "Pull through cache rule with prefix '{prefix}' does not exist"
    f" in the {_REGISTRY}",
    "ReferencedImagesNotFound": "One or more of the images do not exist in"
    f" the {_REPOSITORY}: {{missing}}",
    "RepositoryAlreadyExists": f"The {_REPOSITORY} already exists in the {_REGISTRY}",
    "RepositoryNotEmpty": f"The {_REPOSITORY} in {_REGISTRY} cannot be deleted because it still"
    " contains images",
    "RepositoryNotFound": f"The {_REPOSITORY} does not exist in the {_REGISTRY}",
    "SecretNotFound": "The ARN of the secret specified in the pull through cache rule was not"
    " found: {arn}. Update the secret ARN and try again",
    "TooManyTags": "A repository can have at most {limit} tags; this would make {count}",
    "UnableToAccessSecret": "The secret {arn} does not hold a username and an accessToken",
    "UnsupportedUpstreamRegistry": "The upstream registry URL '{url}' is invalid. Specify a valid"
    " upstream registry URL and try again",
    "UploadNotFound": f"The upload '{{upload}}' does not exist in the {_REPOSITORY}",
}


def ecr_error(kind, **values):
    """The AwsError of one of ECR's own error codes, with AWS's sentence."""
    return AwsError(f"{kind}Exception", _SENTENCES[kind].format(**values))
