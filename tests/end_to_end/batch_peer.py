"""A sender of batches that is not ours."""
import queue
import threading

import grpc

from grpc_peer import GrpcPeer, message, refusal

CHUNK = 64 * 1024


class BatchCall:
    """One stream of RegisterBatch. `answers` iterates what the gateway says."""

    def __init__(self, peer):
        self.waiting = queue.Queue(maxsize=8)
        self.closed = threading.Event()
        request = message("schotvrij.v1.RegisterBatchRequest")
        self.make = request
        call = peer.channel.stream_stream("/schotvrij.v1.RegistrationService/RegisterBatch", request.SerializeToString,
                                          message("schotvrij.v1.BatchProgress").FromString)
        self.answers = call(iter(self._next, None))

    def _next(self):
        while True:
            try:
                return self.waiting.get(timeout=0.2)
            except queue.Empty:
                if self.closed.is_set():
                    return None

    def send(self, **fields):
        """False once the stream has ended."""
        item = self.make(**fields)
        while self.answers.is_active():
            try:
                self.waiting.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def header(self, key):
        """What the gateway has of the batch."""
        self.send(header={"batch_key": key})
        return next(self.answers)

    def file(self, path, offset, end=None):
        """Sends the Bundle in that file from `offset` on, up to its end or to `end`; stops when the stream ends."""
        with open(path, "rb") as file:
            file.seek(offset)
            while (data := file.read(CHUNK if end is None else min(CHUNK, end - offset))):
                if not self.send(bundle={"offset": offset, "data": data}):
                    return
                offset += len(data)

    def end(self, parts=None):
        """The trailer, and nothing more."""
        if parts is not None:
            self.send(trailer={"exchanges": parts})
        self.closed.set()

    def said(self):
        """(what it said, the refusal or None), up to its end."""
        progress = []
        try:
            for answer in self.answers:
                progress.append(answer)
        except grpc.RpcError as error:
            return progress, refusal(error)
        return progress, None


def submit(gateway, key, path, parts, party="opella"):
    """The whole batch, from where the gateway has it."""
    with GrpcPeer(gateway, party) as peer:
        call = BatchCall(peer)
        try:
            known = call.header(key)
        except grpc.RpcError as error:
            return [], refusal(error)
        sender = threading.Thread(target=lambda: (call.file(path, known.bytes), call.end(parts)))
        sender.start()
        said = call.said()
        sender.join()
        return said
