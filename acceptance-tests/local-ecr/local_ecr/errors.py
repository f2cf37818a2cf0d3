"""The one exception that every part of the local ECR raises to answer a request with an AWS error.
"refusal" is set when the request itself was wrong (signature, form), as opposed to a service saying
no to a well-formed request; tests assert that a run holds no refused request."""


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
