"""`yutu2 chart`, `route` and `products`: what a run looks like."""

from pathlib import Path
from typing import Annotated

import typer

from yutu2.cli.options import DEFAULT_SEED, PICTURE_SOURCE, open_output

app = typer.Typer()


@app.command(epilog="Example: yutu2 chart day24")
def chart(
    source: Annotated[str, typer.Argument(help=PICTURE_SOURCE)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A .png, .pdf or .svg; of a folder by default its chart.png.")
    ] = None,
) -> int:
    """Draw a run: Sun, power, charge, temperatures, modes and events over time."""
    from yutu2.cli.progress import PictureScreen
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.dictionary.model import load
    from yutu2.line.source import read_source
    from yutu2.recordings.reading import missing, progress, read_reports, refuse_as_output, refuse_foreign
    from yutu2.recordings.run_folder import picture_place
    from yutu2.show.chart import ChartBuilder

    place = picture_place(source, out, "chart.png")
    refuse_as_output(place.source, place.out)
    decoder, builder = TelemetryDecoder(load()), ChartBuilder()
    with PictureScreen() as screen:
        source_octets = read_source(place.source)
        is_interrupted = read_reports(source_octets, decoder, builder.add, on_chunk=progress(screen.time))
        refuse_foreign(decoder.foreign_hash)
        if not builder.has_power:
            raise missing(
                place.source,
                decoder,
                "has no HK_POWER, the report of power and heat that a chart is made of; an awake craft sends it every "
                "5 minutes: receive it for longer",
            )
        screen.drawing()
        from yutu2.show.chart_picture import draw_chart  # with Matplotlib, which takes its time

        octets = draw_chart(builder.build(), place.kind)
    with open_output(place.out) as file:
        file.write(octets)
    others = [f"{builder.other_reports:,} reports of another craft are not shown"] if builder.other_reports else []
    screen.summary(decoder, place.out, others)
    return 130 if is_interrupted else 0


@app.command(epilog="Example: yutu2 route day24")
def route(
    source: Annotated[str, typer.Argument(help=PICTURE_SOURCE)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A .png, .pdf or .svg; of a folder by default its route.png.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=1073741823, help="Of the ground; a folder knows its own. [default: 7]")
    ] = None,
) -> int:
    """Draw where a rover drove: its traverse and its stops over the relief of the ground."""
    from yutu2.cli.progress import PictureScreen
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.dictionary.model import load
    from yutu2.line.source import read_source
    from yutu2.products.traverse import TraverseBuilder
    from yutu2.recordings.reading import missing, progress, read_reports, refuse_as_output, refuse_foreign
    from yutu2.recordings.run_folder import picture_place, seed_of

    place = picture_place(source, out, "route.png")
    refuse_as_output(place.source, place.out)
    ground = seed_of(place, seed, DEFAULT_SEED)
    decoder, builder = TelemetryDecoder(load()), TraverseBuilder()
    with PictureScreen() as screen:
        source_octets = read_source(place.source)
        is_interrupted = read_reports(source_octets, decoder, builder.add, on_chunk=progress(screen.time))
        refuse_foreign(decoder.foreign_hash)
        traverse = builder.build()
        if traverse is None:
            raise missing(
                place.source,
                decoder,
                "has no HK_STOP, the report of a stop: nothing was driven; a rover drives on the third Earth day of a "
                "lunar day, by its own plan",
            )
        from yutu2.products.elevation_model import elevation_model
        from yutu2.products.traverse_map import draw_traverse_map, map_bounds  # with Matplotlib, which takes its time

        heights = elevation_model(ground, *map_bounds(traverse), screen.computing)
        screen.drawing()
        octets = draw_traverse_map(traverse, heights, ground, place.kind)
    with open_output(place.out) as file:
        file.write(octets)
    screen.summary(decoder, place.out, traverse.lines())
    return 130 if is_interrupted else 0


@app.command(epilog="Example: yutu2 products day24")
def products(
    source: Annotated[str, typer.Argument(help=PICTURE_SOURCE)],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Put products/ here; by default into the folder that is the source."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=1073741823, help="Of the ground; a folder knows its own. [default: 7]")
    ] = None,
) -> int:
    """Put the instruments' products together, and make pictures and FITS files of them."""
    from yutu2.cli.progress import PictureScreen
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.dictionary.model import load
    from yutu2.line.source import read_source
    from yutu2.products.collector import ProductCollector
    from yutu2.products.export import save_products
    from yutu2.products.product_table import table_lines
    from yutu2.products.traverse import TraverseBuilder
    from yutu2.recordings.reading import missing, progress, read_reports, refuse_foreign
    from yutu2.recordings.run_folder import products_place, seed_of
    from yutu2.system.files import folder_in_use
    from yutu2.system.interrupts import Interrupt

    place = products_place(source, out)
    ground = seed_of(place, seed, DEFAULT_SEED)
    decoder, collector, builder = TelemetryDecoder(load()), ProductCollector(), TraverseBuilder()
    with PictureScreen() as screen:
        source_octets = read_source(place.source)
        is_interrupted = read_reports(
            source_octets, decoder, collector.add, builder.add, on_chunk=progress(screen.time)
        )
        refuse_foreign(decoder.foreign_hash)
        product_sets = collector.product_sets()
        if not product_sets:
            raise missing(
                place.source,
                decoder,
                "holds no product; a rover's instruments observe as its plan says, and their files follow at once: "
                "receive it for longer",
            )
        with folder_in_use(place.out.parent), Interrupt() as interrupt:
            is_stopped, at_once = lambda: interrupt.asked, interrupt.at_once
            entries = save_products(place.out, product_sets, builder.build(), ground, screen.step, is_stopped, at_once)
    screen.summary(decoder, place.out, table_lines(entries, collector.files.damaged))
    if interrupt.asked:
        screen.print(f"Interrupted. Pictures that are missing: yutu2 products {source}")
    return 130 if is_interrupted or interrupt.asked else 0
