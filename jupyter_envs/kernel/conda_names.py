"""conda's names and the package index's: which mean the same, and which are called otherwise there.

A conda package that is in neither table may be something else in the index, or nothing: `bwa`, `boost`, `geos` are."""

from __future__ import annotations

import re

RENAMED = {
    "airflow": "apache-airflow", "arch-py": "arch", "astropy-base": "astropy", "boruta-py": "boruta",
    "brotli-python": "brotli", "bs4": "beautifulsoup4", "cython-blis": "blis", "dask-core": "dask",
    "docker-py": "docker", "faiss": "faiss-cpu", "googlesearch": "google", "h3-py": "h3", "keras-gpu": "keras",
    "libtorch": "torch", "matplotlib-base": "matplotlib", "msgpack-python": "msgpack",
    "neo4j-python-driver": "neo4j", "numpy-base": "numpy", "opencv": "opencv-python",
    "pandera-core": "pandera", "py-lightgbm": "lightgbm",
    "py-opencv": "opencv-python", "py-xgboost": "xgboost", "py-xgboost-cpu": "xgboost", "py-xgboost-gpu": "xgboost",
    "pyarrow-core": "pyarrow", "pyg": "torch-geometric", "pyqt": "pyqt5", "pysoundfile": "soundfile",
    "pytables": "tables", "python-annoy": "annoy", "python-blosc": "blosc", "python-build": "build",
    "python-duckdb": "duckdb", "python-fastjsonschema": "fastjsonschema", "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz", "python-igraph": "igraph", "python-kaleido": "kaleido",
    "python-kubernetes": "kubernetes", "python-lmdb": "lmdb", "python-neo4j": "neo4j",
    "python-sounddevice": "sounddevice", "python-tzdata": "tzdata", "python-wget": "wget",
    "python-xxhash": "xxhash", "python-zstd": "zstd", "pytorch": "torch", "pytorch-cluster": "torch-cluster",
    "pytorch-cpu": "torch", "pytorch-geometric": "torch-geometric", "pytorch-gpu": "torch",
    "pytorch-scatter": "torch-scatter", "pytorch-sparse": "torch-sparse",
    "pytorch-spline-conv": "torch-spline-conv", "qtconsole-base": "qtconsole", "quaternion": "numpy-quaternion",
    "ray-core": "ray", "ray-default": "ray", "redis-py": "redis", "seaborn-base": "seaborn",
    "sklearn": "scikit-learn", "spyder-base": "spyder", "superset": "apache-superset",
    "tensorflow-base": "tensorflow", "tensorflow-gpu": "tensorflow", "tensorflow-mkl": "tensorflow",
    "tiledb-py": "tiledb",
}  # fmt: skip
"""conda's name, and the index's for the same project."""
SAME = frozenset(
    """
absl-py accelerate adal addict adlfs aenum agate aioboto3 aiobotocore aiodns aiofile aiofiles aiohttp aiohttp-cors
aiohttp-retry aioitertools aiokafka aiolimiter aiomysql aioresponses aiosignal aiosmtplib aiosqlite alabaster
albumentations alembic allennlp altair altgraph amqp aniso8601 anndata annotated-types ansible ansible-core anthropic
antlr4-python3-runtime anyio apache-beam apispec appdirs applicationinsights appnope apprise apscheduler argcomplete
argon2-cffi argon2-cffi-bindings arrow arviz arxiv asgi-lifespan asgiref asn1crypto astor astroid astropy asttokens
astunparse async-lru async-timeout asyncpg asyncssh asynctest atlassian-python-api atomicwrites attrs audioread
authlib autograd automat autopep8 av avro avro-python3 aws-lambda-powertools aws-requests-auth aws-sam-translator
aws-xray-sdk awscli awscrt awswrangler azure-ai-documentintelligence azure-batch azure-common azure-core azure-cosmos
azure-data-tables azure-datalake-store azure-identity azure-kusto-data azure-nspkg azure-servicebus azure-storage-blob
azure-storage-common azure-storage-file-datalake azure-storage-file-share azure-storage-queue azure-synapse-artifacts
azure-synapse-spark babel backcall backoff backports-tarfile backports-zoneinfo backrefs bandit basemap bashlex
bayesian-optimization bcrypt beautifulsoup4 bidict billiard biopython bitarray bitsandbytes black blake3 bleach
blessed blinker bokeh boltons boolean-py boto boto3 botocore bottle bottleneck braceexpand bracex bytecode bz2file
cachecontrol cached-property cachelib cachetools caio cairocffi cairosvg cartopy cassandra-driver catalogue catboost
category-encoders cattrs causalml cbor2 celery cellpose certifi cffi cfgv cfn-lint cftime chainer chardet
charset-normalizer checkov cheroot chevron chex chromadb circuitbreaker ciso8601 cleo click click-didyoumean
click-option-group click-plugins click-repl clickhouse-connect clickhouse-driver cligj cloudpathlib cloudpickle cmake
cmdstanpy codecov colorama colorcet coloredlogs colorlog colour comet-ml comm commonmark confection configargparse
confluent-kafka connexion constantly constructs contextily contextlib2 contourpy control cookiecutter coverage cramjam
crashtest crc32c cron-descriptor croniter cryptography cssselect cssselect2 cssutils curlify cvxopt cvxpy cycler
cyclopts cymem cython cytoolz dacite daff dagster dash dask dask-ml databricks-sdk databricks-sql-connector
dataclasses dataclasses-json datadog datamodel-code-generator datasets datashader dateparser db-dtypes dbt-adapters
dbt-common dbt-core dbt-extractor dbt-semantic-interfaces dbt-snowflake ddtrace deap debugpy decorator deepdiff
deepmerge deepspeed defusedxml dep-logic deprecated deprecation descartes diff-cover diffusers dill dirty-equals
diskcache distlib distributed distro django django-cors-headers django-extensions django-redis django-storages
django-stubs-ext djangorestframework dnspython dockerfile-parse docopt docstring-parser docutils dotmap dpath
drf-spectacular duckdb duckdb-engine dulwich dunamai earthengine-api easydict ecdsa ecos editables editdistance einops
elastic-transport elasticsearch elasticsearch-dsl eli5 email-validator emcee emoji entrypoints envier environs ephem
esda et-xmlfile eval-type-backport evaluate eventlet events exceptiongroup execnet executing expiringdict fabric face
face-recognition factor-analyzer factory-boy faiss-cpu faker fakeredis fastai fastapi fastapi-cli fastavro fastcore
fasteners fastf1 fastparquet fasttext feather-format featuretools feedparser fiftyone filelock filetype filterpy
findpython fiona fire flake8 flaky flask flask-appbuilder flask-babel flask-caching flask-cors flask-jwt-extended
flask-limiter flask-login flask-session flask-sqlalchemy flask-wtf flax flit flit-core flower folium fonttools
formulaic fpdf2 fqdn freezegun frozendict frozenlist fsspec ftfy fugue funcy furl future fuzzywuzzy gast
gcloud-aio-auth gcloud-aio-bigquery gcloud-aio-storage gcsfs gdown gensim genson geoalchemy2 geocoder geographiclib
geoip2 geojson geomet geopandas geoplot geopy gevent ggplot ghapi ghp-import gitdb gitpython giturlparse glob2 glom
gluonts gmpy2 google-ads google-ai-generativelanguage google-analytics-admin google-api-core google-api-python-client
google-auth google-auth-httplib2 google-auth-oauthlib google-cloud-batch google-cloud-bigquery
google-cloud-bigquery-datatransfer google-cloud-bigtable google-cloud-secret-manager google-cloud-spanner
google-cloud-speech google-cloud-storage google-cloud-storage-transfer google-pasta google-re2 google-resumable-media
googleapis-common-protos googletrans gpy gpytorch gradio gradio-client graphene graphql-core graphql-relay
great-expectations greenback greenlet gremlinpython griffe groq grpc-google-iam-v1 grpc-interceptor grpcio grpcio-gcp
grpcio-reflection grpcio-status grpcio-tools grpclib gspread gtts gunicorn gym gymnasium h11 h2 h5netcdf h5py hatch
hatch-vcs hatchling haversine hdbscan healpy heapdict hiredis hmmlearn holidays holoviews hpack html2text html5lib
httpcore httplib2 httptools httpx httpx-sse huggingface-hub humanfriendly humanize hupper hvac hvplot hydra-core
hyperframe hyperlink hyperopt hypothesis ibis-framework icalendar identify idna ijson imagehash imageio imageio-ffmpeg
imagesize imbalanced-learn immutabledict implicit importlib-metadata importlib-resources imutils incremental inflect
inflection influxdb-client iniconfig instructor intake interpret invoke iopath ipdb ipykernel ipyleaflet ipympl
ipyparallel ipython ipython-genutils ipywidgets iso8601 isodate isoduration isort isoweek itables itsdangerous
jaraco-classes jaraco-context jaraco-functools jax jaxlib jaydebeapi jedi jeepney jellyfish jieba jinja2 jinjasql
jiter jiwer jmespath joblib joserfc jpype1 json5 jsonargparse jsondiff jsonlines jsonpatch jsonpath-ng jsonpath-python
jsonpickle jsonpointer jsonref jsonschema jsonschema-path jsonschema-specifications junitparser jupyter jupyter-client
jupyter-console jupyter-core jupyter-events jupyter-server jupyter-server-terminals jupyterlab jupyterlab-server
jupyterlab-widgets jupytext jwcrypto kafka-python kaggle kedro keras keras-preprocessing keras-tuner keyring kfp
kiwisolver kneed kombu kornia kubernetes-asyncio langchain langcodes langdetect langgraph langsmith lark
launchdarkly-eventsource launchdarkly-server-sdk lazy-loader lazy-object-proxy ldap3 leather leidenalg lemminflect
levenshtein libcst librosa license-expression lifelines lightfm lightgbm lightning lightning-utilities lime limits
linearmodels linkify-it-py litellm llama-cloud llama-index llama-parse llvmlite lmfit locket lockfile locust logbook
logfire loguru looker-sdk lupa lxml lxml-html-clean lz4 magika makefun mako mapclassify mapie marimo markdown
markdown-it-py markdownify markupsafe marshmallow marshmallow-dataclass marshmallow-sqlalchemy mashumaro matplotlib
matplotlib-inline matplotlib-venn maxminddb mccabe mdit-py-plugins mdtraj mdurl memray mesa methodtools metpy
microsoft-kiota-abstractions microsoft-kiota-authentication-azure microsoft-kiota-http minio mir-eval missingno
mistralai mistune mixpanel mizani mkdocs mkdocs-get-deps mkdocs-material mkdocs-material-extensions
mkdocstrings-python ml-dtypes mlflow mlxtend mmcv mmh3 mne mock modal monai mongoengine monotonic more-itertools moto
motor moviepy mpld3 mplfinance mpmath msal msgraph-core msgspec msoffcrypto-tool msrest msrestazure multidict
multiprocess multitasking munch murmurhash mutagen mypy mypy-boto3-cloudformation mypy-boto3-dynamodb mypy-boto3-ec2
mypy-boto3-lambda mypy-boto3-rds mypy-boto3-secretsmanager mypy-boto3-sqs mypy-extensions mypy-protobuf
mysql-connector-python mysqlclient namex narwhals natsort nbclassic nbclient nbconvert nbdev nbformat nbsphinx
nest-asyncio netaddr netcdf4 networkx neuralprophet nh3 nibabel nilearn ninja nltk nodeenv nose notebook notebook-shim
numba numcodecs numexpr numpy numpy-financial numpyro nvidia-ml-py oauth2client oauthlib oci
office365-rest-python-client olefile omegaconf onnx onnxruntime openai openapi-pydantic openapi-schema-validator
openapi-spec-validator opencensus-context opencensus-ext-azure openlineage-integration-common openlineage-python
openlineage-sql openml openmm openpyxl opensearch-py opentelemetry-api opentelemetry-distro opentelemetry-proto
opentelemetry-resourcedetector-gcp opentelemetry-sdk opt-einsum optax optree optuna oracledb orbax-checkpoint
ordered-set orjson ormsgpack oscrypto osmnx osqp oss2 outcome oyaml packageurl-python packaging paginate palettable
pandas pandas-datareader pandas-gbq pandas-profiling pandas-stubs pandasql pandera pandocfilters panel papermill param
parameterized paramiko parse parsedatetime parso partd passlib path pathlib pathlib-abc pathos pathspec pathvalidate
patsy pbr pbs-installer pdf2image pdfminer-six pdfplumber pdm peewee peft pendulum pexpect pg8000 phik phonenumbers
pickleshare pika pillow pinotdb pint pip-api pip-audit pip-tools pipdeptree pipenv pkginfo pkgutil-resolve-name
platformdirs plotly plotnine pluggy ply pmdarima poetry poetry-core polars polyfactory pomegranate pony pooch
portalocker portpicker postgrest posthog pox ppft pprintpp pqdm pre-commit prefect preshed prettytable prison
progressbar2 prometheus-client prometheus-fastapi-instrumentator prompt-toolkit prophet proto-plus protobuf psutil
psycopg psycopg-pool psycopg2 ptyprocess publication pulp pure-eval py py-cpuinfo py-serializable py4j pyaml pyarrow
pyarrow-hotfix pyasn1 pyasn1-modules pyathena pyaudio pybase64 pybind11 pybtex pycares pycaret pyclipper pyclustering
pycocotools pycodestyle pycountry pycparser pycryptodome pycryptodomex pycurl pydantic pydantic-core
pydantic-extra-types pydantic-settings pydash pydata-google-auth pydeck pydicom pydocstyle pydot pydub pydyf pyee
pyelftools pyfiglet pyflakes pygame pygithub pyglet pygments pygraphviz pygtrie pyhumps pyinstaller pyinstrument pyjwt
pykrige pylint pymannkendall pymatgen pymc pymc3 pymongo pymssql pymupdf pymysql pynacl pynndescent pyod pyodbc
pyogrio pyomo pyopengl pyopenssl pyotp pyparsing pypdf pypdf2 pypdfium2 pyperclip pyphen pypika pyproj pyproject-api
pyproject-hooks pyproject-metadata pyquery pyreadstat pyrfc3339 pyright pyro-ppl pyrsistent pysal pysam pyserial
pysftp pyshp pysimplegui pysocks pyspark pyspnego pystan pytesseract pytest pytest-asyncio pytest-base-url
pytest-benchmark pytest-cov pytest-django pytest-env pytest-html pytest-json-report pytest-metadata pytest-mock
pytest-rerunfailures pytest-socket pytest-timeout pytest-unordered pytest-xdist python-bidi python-can python-crontab
python-daemon python-dateutil python-decouple python-docx python-dotenv python-engineio python-frontmatter
python-gitlab python-gnupg python-hcl2 python-http-client python-jose python-json-logger python-levenshtein
python-louvain python-magic python-multipart python-on-whales python-pptx python-slugify python-snappy python-socketio
python-telegram-bot python-utils python3-saml pythran pytimeparse pytorch-forecasting pytorch-lightning
pytorch-metric-learning pytorch-tabnet pytz pytz-deprecation-shim pytzdata pyvis pyvista pywavelets pywin32
pywin32-ctypes pyxlsb pyyaml pyyaml-env-tag pyzmq qdrant-client qgrid qiskit qrcode qtconsole qtpy quandl questionary
qutip rapidfuzz rarfile rasterio rasterstats ratelimit rdflib rdkit reactivex readme-renderer realtime recommonmark
referencing regex reportlab requests requests-aws4auth requests-cache requests-file requests-mock requests-ntlm
requests-oauthlib requests-toolbelt requirements-parser responses respx restructuredtext-lint retry retrying
rfc3339-validator rfc3986 rfc3986-validator rich rich-argparse rich-rst rioxarray rope rouge-score rpds-py rpy2 rsa
rtree ruamel-yaml ruff s3fs s3transfer sacrebleu sacremoses safetensors sagemaker salib scanpy schedule schema
scikit-build scikit-build-core scikit-image scikit-learn scikit-optimize scikit-plot scikit-posthocs scikit-surprise
scipy scrapy seaborn secretstorage segmentation-models-pytorch selenium semantic-version semver send2trash sendgrid
sentence-transformers sentencepiece sentry-sdk seqeval setproctitle setuptools sgmllib3k sh shap shapely shellingham
shortuuid simple-parsing simple-salesforce simple-websocket simpleeval simpleitk simplejson six skops skorch
slack-bolt slack-sdk slicer slowapi smart-open smbprotocol smmap sniffio snorkel snowballstemmer
snowflake-connector-python snowflake-snowpark-python snowflake-sqlalchemy socksio sortedcontainers soupsieve spacy
spacy-legacy spacy-loggers sparqlwrapper spectral speechrecognition sphinx sphinx-autodoc-typehints splinter
sqlalchemy sqlalchemy-bigquery sqlfluff sqlglot sqlite-utils sqlmodel sqlparse squarify srsly sse-starlette
sseclient-py sshtunnel stack-data starkbank-ecdsa starlette statsforecast statsmodels std-uritemplate stevedore
storage3 streamlit strenum strictyaml stringcase stripe structlog sunpy supabase supervision supervisor sympy syrupy
tableauserverclient tables tabula-py tabulate tangled-up-in-unicode tblib tenacity tensorboard tensorboardx tensorflow
tensorflow-datasets tensorflow-estimator tensorflow-hub tensorflow-probability tensorstore termcolor terminado
testcontainers testpath text-unidecode textblob textdistance texttable textual theano thefuzz thinc threadpoolctl
thrift-sasl tifffile tiktoken timm tinycss2 tld tldextract tokenizers toml tomli tomli-w tomlkit toolz toposort
torchaudio torchinfo torchmetrics torchtext torchvision tornado tox tpot tqdm traceback2 traitlets transformers
tree-sitter trimesh trio trl trove-classifiers truststore tsfresh tslearn tweepy twilio twine twisted typeguard typer
typing typing-extensions typing-inspect tyro tzlocal ua-parser uc-micro-py ujson ultralytics umap-learn uncertainties
unearth unidecode unidiff unittest2 universal-pathlib unstructured unstructured-client uri-template uritemplate
uritools url-normalize urllib3 us user-agents userpath utm uuid-utils uuid6 uvicorn uvloop vadersentiment vaex
validators vcrpy vega vine virtualenv visdom visions vispy vllm voila vtk vulture w3lib waitress wandb wasabi watchdog
watchfiles watchtower wcmatch wcwidth weasel weaviate-client webargs webcolors webdriver-manager webencodings
websocket-client websockets werkzeug wheel whoosh widgetsnbextension wikipedia wikipedia-api wirerope word2number
wordcloud wrapt wsproto wtforms wurlitzer xarray xarray-einstats xgboost xlrd xlsxwriter xlwings xlwt xmlsec xmltodict
xyzservices yacs yamllint yandexcloud yapf yarl yellowbrick yfinance youtube-dl youtube-transcript-api yt-dlp zarr
zeep zict zipp zope-event zope-interface zopfli zstandard
    """.split()  # noqa: SIM905  # one line for each of 1,300 names would not be a table that can be read
)
"""Projects that both call by one name: those that notebooks ask for most."""


def normalized(name: str) -> str:
    """conda writes `typing_extensions` where the index has `typing-extensions`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_in_index(name: str) -> str | None:
    """What the package index calls it; None if that is not known, and must not be guessed."""
    name = normalized(name)
    return RENAMED.get(name, name if name in SAME else None)
