"""A declared server as a container."""

from dataclasses import replace

from harness.application import DeclarationError, Server
from harness.base.progress import Progress, silence
from harness.substrates.engine.container import Container, Wanted
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import Image, resolve
from harness.substrates.server_container import ServerContainer
from harness.substrates.server_process import answers


class DeclaredContainer(ServerContainer):
    """One server; after a restart it finds its data again. See ServerContainer.

    Args:
        server: as it is declared.
        wanted: its container, with node, run, alias and network.
        container: the container, where it runs already.
    """

    def __init__(self, server: Server, wanted: Wanted, container: Container | None = None) -> None:
        declared = replace(wanted, command=server.command, env=server.env, ports=(server.port,))
        super().__init__(declared, container)
        self._server = server

    def answers(self) -> bool:
        """See ServerContainer."""
        return answers(self._server, self.outside(self._server.port))


def fetched(server: Server, progress: Progress = silence) -> str:
    """Fetch its image; the engine has it when this returns.

    Args:
        server: as it is declared.
        progress: told how far the pull is.

    Raises:
        DeclarationError: no image is declared.
        EngineError: the image is not there and cannot be pulled.
    """
    if not server.image:
        raise DeclarationError(
            f"{server.name} is a process alone: image=... and port=... start it where servers are containers"
        )
    return resolve(Image.of(server.image, server.name), the_engine(), progress)
