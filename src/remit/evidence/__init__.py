"""What has been published, as data with sources, and typed readers that refuse bad data."""
