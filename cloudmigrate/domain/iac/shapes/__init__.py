"""How the types of CloudFormation are said in Terraform, by families."""
