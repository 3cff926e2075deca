# The judge alone, to test a server in another container of the same network, or one that shares the host's:
#   docker build -t chatkit-conformance . && docker run --rm --network host -v "$PWD:/work" chatkit-conformance run --url ...
# Nothing but the base image and the package index is asked for. tests/house/test_in_ci.py reads this file.
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/*.whl)[native]" && rm -r /wheels \
    && useradd --create-home judge && mkdir /work && chown judge /work
USER judge
WORKDIR /work
ENTRYPOINT ["chatkit-conformance"]
CMD ["--help"]
