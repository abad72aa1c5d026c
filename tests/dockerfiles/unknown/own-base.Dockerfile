FROM registry.example.com/acme/ci:3
ENV PATH=/opt/tool/bin:$PATH
