"""Packages that no import shows: another one loads them when it is asked for something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """`use`: as in Seen.uses; "" for each use of the module; `of`: modules of which one has to be imported."""

    use: str
    of: tuple[str, ...]
    packages: tuple[str, ...]
    why: str
    unless: tuple[str, ...] = ()
    """Modules with which it is not needed."""


TABLES = ("pandas", "geopandas")
NEEDS = (
    Need(".read_excel", TABLES, ("openpyxl",), "pandas reads Excel files with openpyxl", ("openpyxl", "xlrd")),
    Need(".ExcelFile", TABLES, ("openpyxl",), "pandas reads Excel files with openpyxl", ("openpyxl", "xlrd")),
    Need(".to_excel", TABLES, ("openpyxl",), "pandas writes Excel files with openpyxl", ("openpyxl", "xlsxwriter")),
    Need("engine=xlsxwriter", TABLES, ("xlsxwriter",), "pandas writes Excel files with xlsxwriter"),
    Need("engine=xlrd", TABLES, ("xlrd",), "pandas reads Excel files with xlrd"),
    Need("engine=odf", TABLES, ("odfpy",), "pandas reads OpenDocument files with odfpy"),
    Need(".style", ("pandas",), ("jinja2",), "the style of a pandas table needs jinja2"),
    Need(".to_latex", ("pandas",), ("jinja2",), "pandas writes LaTeX with jinja2"),
    Need(".to_markdown", TABLES, ("tabulate",), "pandas writes Markdown with tabulate"),
    *(Need(use, (*TABLES, "dask"), ("pyarrow",), "pandas keeps Parquet files by pyarrow", ("fastparquet",))
      for use in (".read_parquet", ".to_parquet", ".read_feather", ".to_feather", ".read_orc", ".to_orc")),
    *(Need(use, TABLES, ("tables",), "pandas reads and writes HDF5 with tables")
      for use in (".read_hdf", ".to_hdf", ".HDFStore")),
    Need(".read_html", TABLES, ("lxml",), "pandas reads HTML with lxml"),
    Need(".read_xml", TABLES, ("lxml",), "pandas reads XML with lxml"),
    Need(".to_xml", TABLES, ("lxml",), "pandas writes XML with lxml"),
    *(Need(use, TABLES, ("matplotlib",), "pandas draws with matplotlib") for use in (".plot", ".hist", ".boxplot")),
    Need(".explore", ("geopandas",), ("folium", "mapclassify", "matplotlib"), "geopandas draws such maps with folium"),
    Need("", ("plotly", "chart_studio"), ("nbformat",), "plotly shows figures with nbformat"),
    Need(".express", ("plotly",), ("pandas",), "plotly.express works on tables of pandas", ("polars",)),
    *(Need(use, ("plotly",), ("kaleido",), "plotly makes images by kaleido") for use in (".write_image", ".to_image")),
    Need("trendline=ols", ("plotly",), ("statsmodels",), "plotly computes trend lines with statsmodels"),
    Need("trendline=lowess", ("plotly",), ("statsmodels",), "plotly computes trend lines with statsmodels"),
    Need(".FigureWidget", ("plotly",), ("anywidget",), "plotly's widgets need anywidget"),
    Need("(lxml)", ("bs4",), ("lxml",), "BeautifulSoup is told to use lxml"),
    Need("(lxml-xml)", ("bs4",), ("lxml",), "BeautifulSoup is told to use lxml"),
    Need("(html5lib)", ("bs4",), ("html5lib",), "BeautifulSoup is told to use html5lib"),
    Need(".open_dataset", ("xarray",), ("netcdf4",), "xarray reads NetCDF files with netCDF4", ("h5netcdf",)),
    Need(".to_netcdf", ("xarray",), ("netcdf4",), "xarray writes NetCDF files with netCDF4", ("h5netcdf", "scipy")),
    Need(".open_zarr", ("xarray",), ("zarr",), "xarray reads zarr stores with zarr"),
    Need("", ("keras",), ("tensorflow",), "keras computes with tensorflow", ("tensorflow", "torch", "jax")),
    *(Need(use, ("networkx",), ("matplotlib",), "networkx draws with matplotlib")
      for use in (".draw", ".draw_networkx", ".draw_networkx_nodes", ".draw_networkx_edges")),
    *(Need(use, ("networkx",), ("pydot",), "networkx lays out graphs with pydot")
      for use in (".pydot_layout", ".to_pydot", ".write_dot")),
    Need(".graphviz_layout", ("networkx",), ("pygraphviz",), "networkx lays out graphs with pygraphviz", ("pydot",)),
    Need(".notebook", ("tqdm",), ("ipywidgets",), "tqdm's bar in a notebook is a widget"),
)  # fmt: skip
MODULES = {
    "tqdm.notebook": ("ipywidgets", "tqdm's bar in a notebook is a widget"),
    "tqdm.tqdm_notebook": ("ipywidgets", "tqdm's bar in a notebook is a widget"),
    "tqdm.autonotebook": ("ipywidgets", "tqdm's bar in a notebook is a widget"),
    "plotly.express": ("pandas", "plotly.express works on tables of pandas"),
    "dask.dataframe": ("dask[dataframe]", "dask.dataframe needs what dask[dataframe] brings"),
    "dask.array": ("dask[array]", "dask.array needs what dask[array] brings"),
    "dask.distributed": ("distributed", "dask.distributed is the package distributed"),
    "umap.plot": ("umap-learn[plot]", "umap.plot needs what umap-learn[plot] brings"),
}
"""Parts of a package that need more than it brings."""
PROGRAMS = {
    "graphviz": "the program dot", "pydot": "the program dot", "pygraphviz": "the program dot",
    "pytesseract": "the program tesseract", "pdf2image": "the programs of poppler", "pyspark": "Java", "tabula": "Java",
    "jpype": "Java", "camelot": "the program gs (Ghostscript)", "ffmpeg": "the program ffmpeg", "rpy2": "R",
    "selenium": "a browser", "playwright": "a browser",
}  # fmt: skip
"""Modules that need what no package of an index is."""
ELSEWHERE = {
    "google.colab": "exists in Google Colab alone", "kaggle_secrets": "exists on Kaggle alone",
    "dbutils": "exists in Databricks alone", "pyodide": "exists in a browser alone", "js": "exists in a browser alone",
    "micropip": "exists in a browser alone", "piplite": "exists in a browser alone", "arcpy": "comes with ArcGIS alone",
    "bpy": "comes with Blender alone", "qgis": "comes with QGIS alone", "ROOT": "comes with ROOT alone",
    "sage": "comes with SageMath alone",
}  # fmt: skip


def hidden(modules: Collection[str], uses: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(package, where, why), each package once. `modules`: with their parts, `plotly.express`."""
    tops = {module.partition(".")[0] for module in modules}
    told = set[str]()
    for need in NEEDS:
        where = uses.get(need.use) if need.use else ""
        if where is None or not tops.intersection(need.of) or tops.intersection(need.unless):
            continue
        for package in need.packages:
            if package not in told:
                told.add(package)
                yield package, where, need.why
    for module, (package, why) in MODULES.items():
        if package not in told and any(f"{each}.".startswith(f"{module}.") for each in modules):
            told.add(package)
            yield package, "", why
