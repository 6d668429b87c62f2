"""What the API takes and gives, as models: JSON Schemas, OpenAPI and the XML schema are all made of these."""
