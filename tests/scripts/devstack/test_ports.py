import socket

from scripts.devstack.ports import HOST, free_port, free_ports, is_free, is_listening


def test_free_ports_are_free_and_all_different() -> None:
    ports = free_ports(5)

    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)


def test_a_port_with_a_listener_is_not_free() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        assert not is_free(port)
        assert is_listening(port)


def test_a_free_port_has_no_listener() -> None:
    assert not is_listening(free_port())
