"""Ways in which it does not keep what it promises: what PAYOUTS_DEFECT may say."""

DEFECTS = {
    "before_commit": "the message is published in the transaction that makes its row: a quick worker finds none",
    "two_beats": "whatever the schedule sends is done, though another beat has sent it too",
}
