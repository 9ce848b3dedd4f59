"""The defects that PAYOUTS_DEFECT may name; each breaks a promise."""

DEFECTS = {
    "before_commit": "the message is published in the transaction that makes its row: a quick worker finds none",
    "two_beats": "whatever the schedule sends is done, though another beat has sent it too",
}
