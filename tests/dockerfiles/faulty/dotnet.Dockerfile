FROM mcr.microsoft.com/dotnet/sdk:8.0
RUN dotnet tool install --tool-path /tools dotnet-coverage
ENV PATH="/tools:${PATH}"
