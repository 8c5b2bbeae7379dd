"""The web application. It checks what comes in, stores it, and only then publishes ids."""

from typing import Annotated, Any
from uuid import UUID

from celery.result import AsyncResult
from celery.states import SUCCESS
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse
from kombu.exceptions import OperationalError
from pydantic import BaseModel, Field, StringConstraints

from shop import orders
from shop.celery_app import celery_app
from shop.orders import Order, UnknownOrder
from shop.tasks.email import send_receipt
from shop.tasks.files import export_orders, export_path

Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]

# Endpoints are plain `def`: publishing blocks, so FastAPI runs it in a thread, off the event loop.
app = FastAPI(title="shop")


class NewOrder(BaseModel):
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)
    item: str = Field(min_length=1, max_length=200)
    quantity: int = Field(ge=1, le=100)


class NewExport(BaseModel):
    month: Month


class TaskState(BaseModel):
    state: str
    result: Any


@app.exception_handler(OperationalError)
def broker_is_away(request: Request, error: OperationalError) -> JSONResponse:
    return JSONResponse({"detail": "The broker does not answer, try again."}, status_code=503)


@app.get("/health")
def health() -> dict[str, str]:
    """Whether the broker answers."""
    with celery_app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=2)
    return {"status": "ok"}


@app.put("/orders/{order_id}", status_code=202)
def put_order(order_id: UUID, new: NewOrder) -> Order:
    """Take an order. The client chooses the id, so it can repeat the request after a failure."""
    orders.add(Order(str(order_id), new.email, new.item, new.quantity, orders.now()))
    # Should publishing fail, the order is safe: `scheduler.resend_receipts` will find it.
    send_receipt.delay(str(order_id))
    return orders.get(str(order_id))


@app.get("/orders/{order_id}")
def get_order(order_id: UUID) -> Order:
    try:
        return orders.get(str(order_id))
    except UnknownOrder as error:
        raise HTTPException(404, "No such order.") from error


@app.post("/exports", status_code=202)
def start_export(new: NewExport) -> dict[str, str]:
    """Start an export; ask `/tasks/{task_id}` how it goes."""
    return {"task_id": export_orders.apply_async(args=(new.month,), expires=3600).id}


@app.get("/tasks/{task_id}")
def get_task(task_id: UUID) -> TaskState:
    """How a task goes. Celery says PENDING for every id that it does not know."""
    task: AsyncResult[Any] = AsyncResult(str(task_id), app=celery_app)
    state = task.state
    return TaskState(state=state, result=task.result if state == SUCCESS else None)


@app.get("/exports/{month}")
def get_export(month: Month) -> FileResponse:
    path = export_path(month)
    if not path.is_file():
        raise HTTPException(404, "No such export.")
    return FileResponse(path, media_type="text/csv", filename=path.name)
