"""`yutu2 chart`, `route` and `products`: what a run looks like."""

from pathlib import Path
from typing import Annotated

import typer

from yutu2.cli.options import DEFAULT_SEED, PICTURE_SOURCE, DictionaryFile, open_output

app = typer.Typer()


def _field_names() -> list[str]:
    """Return what a shell may complete a field's name to."""
    from yutu2.dictionary.model import load
    from yutu2.show.fields import drawable

    return list(drawable(load()))


@app.command(epilog="Example: yutu2 chart day24 HK_POWER.box_temperature HK_COMPUTER.mode --out box.png")
def chart(
    source: Annotated[str, typer.Argument(help=PICTURE_SOURCE)],
    fields: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PACKET.FIELD",
            help="Draw these fields, with an axis for each unit and enumeration; by default an overview of the run.",
            autocompletion=_field_names,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .png, .pdf or .svg; of a folder by default its chart.png, for one field its PACKET.FIELD.png.",
        ),
    ] = None,
    dictionary: DictionaryFile = None,
) -> int:
    """Draw a run over time: Sun, power, charge, temperatures, modes and events, or any fields of its telemetry."""
    from yutu2.cli.progress import PictureScreen
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.line.source import read_source
    from yutu2.recordings.dictionaries import dictionary_of
    from yutu2.recordings.reading import missing, progress, read_reports, refuse_as_output, refuse_foreign
    from yutu2.recordings.run_folder import picture_place
    from yutu2.show.chart import NEEDS, ChartBuilder
    from yutu2.show.fields import FieldChartBuilder, picture_name

    names = fields or []
    place = picture_place(source, out, picture_name(names))
    refuse_as_output(place.source, place.out)
    known = dictionary_of(place.source, dictionary, None if names else NEEDS)
    decoder, builder = TelemetryDecoder(known), FieldChartBuilder(names, known) if names else ChartBuilder(known)
    with PictureScreen() as screen:
        source_octets = read_source(place.source)
        is_interrupted = read_reports(source_octets, decoder, builder.add, on_chunk=progress(screen.time))
        refuse_foreign(decoder.foreign_hash, known)
        if builder.lacking is not None:
            raise missing(place.source, decoder, builder.lacking)
        screen.drawing()
        octets = builder.picture(place.kind)
    with open_output(place.out) as file:
        file.write(octets)
    screen.summary(decoder, place.out, builder.notes)
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
    dictionary: DictionaryFile = None,
) -> int:
    """Draw where a rover drove: its traverse and its stops over the relief of the ground."""
    from yutu2.cli.progress import PictureScreen
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.line.source import read_source
    from yutu2.products.traverse import NEEDS, TraverseBuilder
    from yutu2.recordings.dictionaries import dictionary_of
    from yutu2.recordings.reading import missing, progress, read_reports, refuse_as_output, refuse_foreign
    from yutu2.recordings.run_folder import picture_place, seed_of

    place = picture_place(source, out, "route.png")
    refuse_as_output(place.source, place.out)
    ground = seed_of(place, seed, DEFAULT_SEED)
    known = dictionary_of(place.source, dictionary, NEEDS)
    decoder, builder = TelemetryDecoder(known), TraverseBuilder()
    with PictureScreen() as screen:
        source_octets = read_source(place.source)
        is_interrupted = read_reports(source_octets, decoder, builder.add, on_chunk=progress(screen.time))
        refuse_foreign(decoder.foreign_hash, known)
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
    dictionary: DictionaryFile = None,
) -> int:
    """Put the instruments' products together, and make pictures and FITS files of them."""
    from yutu2.cli.progress import PictureScreen
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.line.source import read_source
    from yutu2.products.collector import NEEDS, ProductCollector
    from yutu2.products.export import NO_FITS, lacks_fits, save_products
    from yutu2.products.product_table import table_lines
    from yutu2.products.traverse import NEEDS as TRAVERSE_NEEDS
    from yutu2.products.traverse import TraverseBuilder
    from yutu2.recordings.dictionaries import dictionary_of, fields_in, fields_of_products, refuse_without
    from yutu2.recordings.reading import missing, progress, read_reports, refuse_foreign
    from yutu2.recordings.run_folder import products_place, seed_of
    from yutu2.system.files import folder_in_use
    from yutu2.system.interrupts import Interrupt
    from yutu2.system.streams import report as print_note

    place = products_place(source, out)
    ground = seed_of(place, seed, DEFAULT_SEED)
    known = dictionary_of(place.source, dictionary, NEEDS)
    refuse_without(known, fields_in(known, TRAVERSE_NEEDS | fields_of_products()))
    decoder, collector, builder = TelemetryDecoder(known), ProductCollector(known), TraverseBuilder()
    with PictureScreen() as screen:
        source_octets = read_source(place.source)
        is_interrupted = read_reports(
            source_octets, decoder, collector.add, builder.add, on_chunk=progress(screen.time)
        )
        refuse_foreign(decoder.foreign_hash, known)
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
    if lacks_fits(entries):
        print_note(f"{NO_FITS} {source}")
    if interrupt.asked:
        screen.print(f"Interrupted. Pictures that are missing: yutu2 products {source}")
    return 130 if is_interrupted or interrupt.asked else 0
