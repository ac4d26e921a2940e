"""BigCommerce product-image importer."""
