from . import bootstrap

bootstrap()
