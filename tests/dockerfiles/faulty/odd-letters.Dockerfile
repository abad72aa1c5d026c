FROM debian:12
ENV PATH="/opt/it's \$5 \"off\"/bin":$PATH
