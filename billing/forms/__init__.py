"""What staff type, checked for shape; whether the books allow it is the services' business."""
