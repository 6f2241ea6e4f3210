//! Places that do not exist: crowd, weather, queues and radio around the real node logic.
