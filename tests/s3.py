"""A store that speaks S3, on loopback: moto's server."""

import json
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

BACKEND = "storages.backends.s3.S3Storage"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class Bucket:
    def __init__(self, url, name):
        self.options = {
            "bucket_name": name,
            "endpoint_url": url,
            "region_name": "us-east-1",
            "access_key": "test",
            "secret_key": "test",
        }
        s3 = boto3.resource("s3", endpoint_url=url, region_name="us-east-1", **KEYS)
        self._bucket = s3.create_bucket(Bucket=name)

    @property
    def environment(self):
        return {
            "MEDIA_STORAGE": BACKEND,
            "MEDIA_STORAGE_OPTIONS": json.dumps(self.options),
        }

    def put(self, name, data):
        self._bucket.put_object(Key=name, Body=data)

    def files(self):
        """Return what is stored, by name."""
        return {each.key: each.get()["Body"].read() for each in self._bucket.objects.all()}


def storage(options):
    """Return such a storage as STORAGES names it."""
    return {
        "BACKEND": "apps.core.files.remote_storage.RemoteStorage",
        "OPTIONS": {"backend": BACKEND, "options": options},
    }


@contextmanager
def serving():
    """Serve on a free port; give a function that makes a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield lambda name: Bucket(f"http://{host}:{port}", name)
    finally:
        server.stop()
