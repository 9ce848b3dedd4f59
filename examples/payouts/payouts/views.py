"""The HTTP API: request a payout, and read its state."""

import json
from functools import partial

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payouts.models import Payout
from payouts.tasks import publish


def healthz(_: HttpRequest) -> JsonResponse:
    """Check that it can accept payouts."""
    try:
        Payout.objects.exists()
    except DatabaseError as error:
        return JsonResponse({"error": str(error)}, status=503)
    return JsonResponse({"status": "ok"})


@csrf_exempt
@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Accept a payout: once its row is stored, it will be done."""
    asked = json.loads(request.body)
    with transaction.atomic():
        payout = Payout.objects.create(note=asked["note"], seconds=asked.get("seconds", 0.1))
        if settings.DEFECT == "before_commit":
            publish(payout.pk)
        else:
            transaction.on_commit(partial(publish, payout.pk))
    return JsonResponse({"id": payout.pk}, status=201)


def look(_: HttpRequest, number: int) -> JsonResponse:
    """Read the state of a payout."""
    found = Payout.objects.filter(pk=number).values("id", "status", "reason").first()
    return JsonResponse(found or {"error": "there is no such payout"}, status=200 if found else 404)
