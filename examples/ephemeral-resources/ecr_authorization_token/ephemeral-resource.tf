# For a provider that talks to the registry itself. The token is in no plan and no state.
ephemeral "ecr_authorization_token" "this" {}

locals {
  registry = {
    address  = ephemeral.ecr_authorization_token.this.proxy_endpoint
    username = ephemeral.ecr_authorization_token.this.user_name
    password = ephemeral.ecr_authorization_token.this.password
  }
}
