"""Each telecommand of the dictionary, sent for real over UART to the rover on an emulated board."""

AWAKE = {"start": "2020-11-12T00:00:00Z", "days": "0.02", "speed": "60", "link": "uart"}


def test_each_has_the_reports_that_the_standard_asks_for(make_rover, conversation, heard_of):
    board = make_rover(AWAKE)
    assert board.run_until(b"starts in 3 s", 10_000)
    board.run_ms(5000)
    for said in conversation:
        board.send_uart(said.cltu)
        # It loads code from its flash, and loses what comes while it writes there: interrupts are off then
        board.run_ms(said.ms * 2)
    board.run_ms(2000)
    assert not board.resets
    assert heard_of(conversation, board.uart_received.take()) == [(said.name, said.heard) for said in conversation]
